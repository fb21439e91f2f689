"""Einstein summation: products and sums over named axes.

Source: https://www.tensorflow.org/api_docs/python/tf/einsum
"""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.registry import NUMERIC, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape, broadcast
from thalweg.engine.core.tensor import static_shape
from thalweg.engine.ops.complex_numbers import conj
from thalweg.engine.ops.conv import known_shape
from thalweg.engine.ops.families import unbroadcast


def parse(equation: str, count: int) -> tuple[list[str], str]:
    """The labels of each input and of the output; `...` as one label `.`.

    Raises ValueError when the equation does not fit the number of inputs.
    """
    text = equation.replace(" ", "").replace("...", ".")
    if "->" in text:
        left, _, right = text.partition("->")
    else:
        left = text
        letters = [c for c in text if c not in ",."]
        right = ("." if "." in text else "") + "".join(sorted(c for c in set(letters) if letters.count(c) == 1))
    inputs = left.split(",")
    if len(inputs) != count:
        raise ValueError(f"The equation {equation!r} has {len(inputs)} inputs, but {count} were given.")
    known = set("".join(inputs))
    for c in right:
        if c not in known or right.count(c) > 1:
            raise ValueError(f"The output label {c!r} of the equation {equation!r} must stand in an input, and once in the output.")
    if any(not (c.isalpha() or c == ".") for c in "".join(inputs) + right):
        raise ValueError(f"The equation {equation!r} has labels that are no letters.")
    return inputs, right


def _einsum_shape(*shapes: TensorShape, equation: str) -> TensorShape:
    inputs, right = parse(equation, len(shapes))
    sizes: dict[str, int | None] = {}
    spread: TensorShape | None = TensorShape([])
    for labels, shape in zip(inputs, shapes):
        if shape._dims is None:
            if "." in labels:
                spread = None
            continue
        dims = list(shape._dims)
        plain = len(labels.replace(".", ""))
        if (len(dims) < plain) if "." in labels else (len(dims) != plain):
            raise ValueError(
                f"The input of shape {shape} does not have the dimensions that {labels.replace('.', '...')!r} of {equation!r} names"
            )
        at = labels.find(".")
        if at >= 0:
            extra = len(dims) - plain
            if spread is not None:
                spread = broadcast(spread, TensorShape(dims[at : at + extra]))
            dims[at : at + extra] = []
        for c, n in zip(labels.replace(".", ""), dims):
            if sizes.get(c) is not None and n is not None and sizes[c] != n and 1 not in (n, sizes[c]):
                raise ValueError(f"The label {c!r} of {equation!r} stands for {sizes[c]} and for {n}")
            sizes[c] = n if sizes.get(c) in (None, 1) else sizes[c]
    result = TensorShape([])
    for c in right:
        part = spread if c == "." else TensorShape([sizes.get(c)])
        if part is None:
            return UNKNOWN
        result = result.concatenate(part)
    return result


@op(
    "Einsum",
    types=("T*",),
    dtypes=NUMERIC,
    shape=_einsum_shape,
    samples=[
        Sample((2, 3), (3, 4), equation="ij,jk->ik"),
        Sample((2, 3, 4), (2, 4, 5), equation="bij,bjk->bik"),
        Sample((2, 3, 4), equation="ijk->kj"),
        Sample((3, 3), equation="ii->i"),
        Sample((2, 3, 4), (4, 5), equation="...i,ij->...j"),
        Sample((2, 3), (2,), (4,), equation="ab,a,c->cb"),
    ],
)
def einsum_op(xp: Any, *inputs: Any, equation: str) -> Any:
    labels, right = parse(equation, len(inputs))
    text = ",".join(labels).replace(".", "...") + "->" + right.replace(".", "...")
    y = xp.einsum(text, *inputs, optimize=True) if len(inputs) > 1 else xp.einsum(text, *inputs)
    return y if y.dtype == inputs[0].dtype else y.astype(inputs[0].dtype)  # NumPy's product of bfloat16 is float32


@einsum_op.vjp
def _(y: Any, g: Any, *inputs: Any, equation: str) -> Any:
    labels, right = parse(equation, len(inputs))
    return tuple((lambda i=i: _gradient_for(i, g, inputs, labels, right)) for i in range(len(inputs)))


def _gradient_for(i: int, g: Any, inputs: Any, labels: list[str], right: str) -> Any:
    """The gradient of input `i`: the arriving one times the other inputs, summed to the input's own labels."""
    x, own = inputs[i], labels[i]
    unique = "".join(dict.fromkeys(own))
    others = [(t, lab) for j, (t, lab) in enumerate(zip(inputs, labels)) if j != i]
    reachable = set(right) | {c for _, lab in others for c in lab}
    kept = "".join(c for c in unique if c in reachable)
    # With `...` the result may be larger than the input where the input was broadcast: summed away below.
    equation = ",".join([right, *[lab for _, lab in others]]) + "->" + kept
    delta = einsum_op(g, *[conj(t) for t, _ in others], equation=equation.replace(".", "..."))
    for position, c in enumerate(unique):
        if c not in kept:  # summed over alone: every element has the same gradient
            axis = position if "." not in unique[:position] else position - len(unique)
            delta = REGISTRY["ExpandDims"](delta, axis)
            if own.count(c) > 1:
                delta = REGISTRY["Tile"](
                    delta, _repeats(delta, axis, x, own.index(c) if "." not in own else own.index(c) - len(own))
                )
    if len(unique) != len(own):
        delta = _onto_diagonal(delta, own, unique)
    if "." in own:
        delta = unbroadcast(delta, x, delta) if static_shape(delta) != static_shape(x) and set(kept) >= set(unique) else delta
    if static_shape(delta) != static_shape(x) or not static_shape(x).is_fully_defined():
        delta = REGISTRY["BroadcastTo"](delta, known_shape(x))
    return delta


def _repeats(delta: Any, axis: int, x: Any, own_axis: int) -> Any:
    """Multiples that repeat `delta` along an axis as often as the input has entries there."""
    rank, n = static_shape(delta).rank, static_shape(x)[own_axis]
    if rank is None or n is None:
        raise NotImplementedError("The gradient of einsum with a repeated label of unknown size is not offered: set its shape.")
    multiples = np.ones(rank, np.int32)
    multiples[axis] = n
    return multiples


def _onto_diagonal(delta: Any, own: str, unique: str) -> Any:
    """A gradient for unique labels, put on the diagonals that repeated labels take."""
    fresh = iter(c for c in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in own)
    labels, seen, eyes, matrices = [], set(), [], []
    for c in own:
        if c in seen and c != ".":
            other = next(fresh)
            n = static_shape(delta)[unique.index(c)]
            if n is None:
                raise NotImplementedError(
                    "The gradient of einsum with a repeated label of unknown size is not offered: set its shape."
                )
            eyes.append(c + other)
            matrices.append(convert.convert_to_tensor(np.eye(n), dtype=delta.dtype))
            labels.append(other)
        else:
            seen.add(c)
            labels.append(c)
    equation = ",".join([unique, *eyes]) + "->" + "".join(labels)
    return einsum_op(delta, *matrices, equation=equation.replace(".", "..."))


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """Sum of products over named axes: `"ij,jk->ik"` is the matrix product; `...` stands for any further ones.

    Raises ValueError when the equation does not fit the inputs.

    >>> tf.einsum("ij,ij->i", [[1., 2.], [3., 4.]], [[1., 1.], [1., 1.]]).numpy()
    array([3., 7.], dtype=float32)
    """
    name = kwargs.pop("name", None)
    kwargs.pop("optimize", None)
    if kwargs:
        raise TypeError(f"Invalid keyword arguments for einsum: {', '.join(kwargs)}. Valid are name and optimize.")
    if len(inputs) == 1 and isinstance(inputs[0], (list, tuple)):
        inputs = tuple(inputs[0])
    first = next((t.dtype.base_dtype for t in inputs if isinstance(getattr(t, "dtype", None), dtypes.DType)), None)
    tensors = [convert.convert_to_tensor(t, dtype_hint=first) for t in inputs]
    inputs_labels, right = parse(equation, len(tensors))
    text = ",".join(inputs_labels) + "->" + right
    return einsum_op(*tensors, equation=text.replace(".", "..."), name=name)
