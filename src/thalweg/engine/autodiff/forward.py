"""Forward mode: derivatives carried along with the values.

The rule of each op comes from its reverse rule, which is linear in the arriving gradient: differentiating that once more
turns it around (https://j-towns.github.io/2017/06/12/A-new-trick.html).
Source: https://www.tensorflow.org/api_docs/python/tf/autodiff/ForwardAccumulator
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.autodiff.tape import GradientTape, UnconnectedGradients
from thalweg.engine.core import convert, nest
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import Tensor
from thalweg.engine.ops.gradients import add_gradients, zeros_like


class ForwardAccumulator:
    """Computes Jacobian-vector products while the forward computation runs.

    `primals` are tensors or variables, `tangents` the direction for each.

    >>> x = tf.constant(3.0)
    >>> with tf.autodiff.ForwardAccumulator(primals=x, tangents=tf.constant(1.0)) as acc:
    ...     y = x * x
    >>> acc.jvp(y).numpy()
    np.float32(6.0)
    """

    def __init__(self, primals: Any, tangents: Any):
        self._tangents: dict[int, Any] = {}
        self._kept: list[Any] = []
        self._recording = False
        nest.assert_same_structure(primals, tangents, check_types=False)
        self._watch(primals, tangents)

    def _watch(self, primals: Any, tangents: Any) -> None:
        for x, t in zip(nest.flatten(primals), nest.flatten(tangents)):
            if not (x.dtype.is_floating or x.dtype.is_complex):
                import warnings

                warnings.warn(f"The dtype of the watched primal must be floating (e.g. tf.float32), got {x.dtype!r}", stacklevel=3)
                continue
            t = convert.convert_to_tensor(t, dtype=x.dtype.base_dtype)
            if not x.shape.is_compatible_with(t.shape):
                raise ValueError(f"Can't set a tangent of shape {t.shape} for a primal of shape {x.shape}: they must be the same.")
            handle = getattr(x, "handle", x)
            self._kept.append(handle)
            before = self._tangents.get(id(handle))
            self._tangents[id(handle)] = t if before is None else add_gradients([before, t])

    def __enter__(self) -> ForwardAccumulator:
        if self._recording:
            raise ValueError("Accumulator is already recording.")
        local.forward = [*local.forward, self]
        self._recording = True
        return self

    def __exit__(self, *exc: Any) -> None:
        local.forward = [f for f in local.forward if f is not self]
        self._recording = False

    def push(self, op: Any, inputs: tuple[Any, ...], attrs: dict[str, Any], outputs: Any) -> None:
        """Called by each op that runs while this accumulator is on."""
        tangents = [self._tangents.get(id(x)) for x in inputs]
        if op.vjp_function is None or all(t is None for t in tangents):
            return
        outs = outputs if isinstance(outputs, tuple) else (outputs,)
        floating = [y for y in outs if y.dtype.is_floating or y.dtype.is_complex]
        if not floating:
            return
        before, local.forward = local.forward, [f for f in local.forward if f is not self]
        try:
            for y, t in zip(floating, self._turned_around(op, inputs, attrs, outputs, floating, tangents)):
                if t is not None:
                    self._kept.append(y)
                    self._tangents[id(y)] = t
        finally:
            local.forward = before

    @staticmethod
    def _turned_around(op: Any, inputs: Any, attrs: Any, outputs: Any, floating: list[Any], tangents: list[Any]) -> list[Any]:
        with GradientTape() as tape:
            seeds = [zeros_like(y) for y in floating]
            tape.watch(seeds)
            by_output = dict(zip(map(id, floating), seeds))
            if isinstance(outputs, tuple):
                g: Any = tuple(by_output.get(id(y)) for y in outputs)
            else:
                g = seeds[0]
            deltas = op.vjp_function(outputs, g, *inputs, **attrs)
            if not isinstance(deltas, (tuple, list)):
                deltas = (deltas,)
            wanted, directions = [], []
            for d, t in zip(deltas, tangents):
                if d is not None and t is not None:
                    d = d() if callable(d) else d
                    wanted.append(convert.convert_to_tensor(d))
                    directions.append(t)
        if not wanted:
            return [None] * len(floating)
        return tape.gradient(wanted, seeds, output_gradients=directions)

    def jvp(self, primals: Any, unconnected_gradients: Any = UnconnectedGradients.NONE) -> Any:
        """The derivative of each of `primals` in the direction given."""

        def one(y: Any) -> Any:
            handle = getattr(y, "handle", y)
            found = self._tangents.get(id(handle))
            if found is None and unconnected_gradients == UnconnectedGradients.ZERO:
                return zeros_like(y if isinstance(y, Tensor) else handle)
            return found

        return nest.map_structure(one, primals)
