"""GradientTape: records what is computed, then walks back.

Source: https://www.tensorflow.org/api_docs/python/tf/GradientTape
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from thalweg.engine.autodiff.backprop import Call, backprop, seed, source_key
from thalweg.engine.core import nest
from thalweg.engine.core.cell import Cell
from thalweg.engine.core.context import local
from thalweg.engine.core.tensor import EagerTensor, Tensor
from thalweg.engine.ops.gradients import add_gradients, zeros_like

_NO_SCOPE = contextlib.nullcontext()


class UnconnectedGradients:
    """What the gradient is of a target that does not depend on a source: `NONE` (None) or `ZERO`."""

    NONE = "none"
    ZERO = "zero"


class GradientTape:
    """Record ops for automatic differentiation.

    Trainable variables are watched as they are read, tensors by `watch`. A tape gives one `gradient` and lets go of
    what it recorded, unless it is `persistent`. Tapes nest: a gradient taken inside another tape is itself recorded.

    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x).numpy()
    np.float32(6.0)
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True):
        self._persistent = persistent
        self._watch_variables = watch_accessed_variables
        self._calls: list[Call] | None = []
        self._tracked: set[int] = set()
        self._kept: list[Any] = []  # keeps watched objects, and so their ids, alive
        self._variables: dict[int, Any] = {}
        self._symbolic_handles: dict[int, Any] = {}  # in a function being traced: id of a cell -> its handle in the graph
        self._recording = False

    # -- recording --------------------------------------------------------------------------------------

    def __enter__(self) -> GradientTape:
        if self._recording:
            raise ValueError("Tape is already recording.")
        if self._calls is None:
            self._calls = []
        self._start()
        return self

    def __exit__(self, *exc: Any) -> None:
        if self._recording:
            self._stop()

    def _start(self) -> None:
        local.tapes = [*local.tapes, self]
        self._recording = True

    def _stop(self) -> None:
        tapes = local.tapes
        local.tapes = tapes[:-1] if tapes and tapes[-1] is self else [t for t in tapes if t is not self]
        self._recording = False

    def record(self, op: Any, inputs: Any, attrs: dict[str, Any], outputs: Any) -> None:
        """Called by each op that runs or is added to a graph while this tape is on."""
        tracked = self._tracked
        for x in inputs:
            if id(x) in tracked:
                break
            if type(x) is Cell and x.trainable and self._watch_variables:
                self._track(x)
                break
        else:
            return
        if type(outputs) is EagerTensor:
            if outputs._array.dtype.kind in "fcV":
                tracked.add(id(outputs))
        elif type(outputs) is tuple:
            for y in outputs:
                if _carries_gradient(y):
                    tracked.add(id(y))
        elif _carries_gradient(outputs):
            tracked.add(id(outputs))
        if len(attrs) < len(op.defaults):
            attrs = {**op.defaults, **attrs} if attrs else op.defaults
        self._calls.append((op, inputs, attrs, outputs))  # type: ignore[union-attr]

    def widen(self, outputs: tuple[Any, ...]) -> None:
        """A call that was recorded has come to give more: `outputs`, the ones before among them."""
        calls = self._calls or []
        for i in range(len(calls) - 1, -1, -1):
            op, inputs, attrs, before = calls[i]
            if type(before) is tuple and before and before[0] is outputs[0]:
                calls[i] = op, inputs, attrs, outputs
                self._tracked.update(id(y) for y in outputs if _carries_gradient(y))
                return

    def wants(self, inputs: Any, cells: Any) -> bool:
        """Whether a call with these inputs and variables would be recorded."""
        tracked = self._tracked
        return any(id(x) in tracked for x in inputs) or any(
            id(c) in tracked or (c.trainable and self._watch_variables) for c in cells
        )

    def _track(self, x: Any) -> None:
        self._tracked.add(id(x))
        self._kept.append(x)

    def watch(self, tensor: Any) -> None:
        """Follow a tensor, or a nest of tensors and variables, that is not a trainable variable."""
        if not self._recording:
            raise RuntimeError("Tape must be recording to watch a tensor: call watch() inside its `with` block.")
        if type(tensor) is EagerTensor and tensor._array.dtype.kind in "fc":
            self._watch_eager(tensor)
            return
        for x in nest.flatten(tensor):
            handle = getattr(x, "handle", None)
            if handle is not None:
                self.watch_variable(x)
            elif not isinstance(x, Tensor):
                raise ValueError(
                    f"Passed in object {x!r} of type {type(x).__name__!r}, not tf.Tensor or tf.Variable or ExtensionType."
                )
            else:
                if not _carries_gradient(x):
                    import warnings

                    warnings.warn(
                        f"The dtype of the watched tensor must be floating (e.g. tf.float32), got {x.dtype!r}", stacklevel=2
                    )
                    continue
                if type(x) is EagerTensor:
                    self._watch_eager(x)
                else:
                    self._track(x)

    def _watch_eager(self, tensor: EagerTensor) -> None:
        """Follow a tensor with a value; while a function is traced, the input that stands for it there."""
        if local.graph is not None and local.graph.building_function:
            inside = local.graph.capture(tensor)
            self._symbolic_handles[id(tensor)] = inside
            self._track(inside)
        self._track(tensor)

    def watch_variable(self, variable: Any) -> None:
        """Called as a trainable variable is read, and by `watch`."""
        handle = variable.handle
        if type(handle) is Cell and local.graph is not None:
            symbolic = local.graph.capture_cell(handle)
            self._symbolic_handles[id(handle)] = symbolic
            handle = symbolic
        if id(handle) not in self._tracked:
            self._track(handle)
        self._variables[id(variable.handle)] = variable

    def _source_key(self, source: Any) -> int:
        """The id under which gradients for a source arrive."""
        key = source_key(source)
        return id(self._symbolic_handles[key]) if key in self._symbolic_handles else key

    def note_variable(self, variable: Any) -> None:
        if self._watch_variables and variable.trainable:
            self.watch_variable(variable)

    def watched_variables(self) -> tuple[Any, ...]:
        return tuple(self._variables.values())

    @contextlib.contextmanager
    def stop_recording(self) -> Iterator[None]:
        """Ops run inside are not recorded by this tape."""
        if not self._recording:
            raise ValueError("Tape is not recording: stop_recording() belongs inside its `with` block.")
        self._stop()
        try:
            yield
        finally:
            self._start()

    def reset(self) -> None:
        """Forget everything recorded so far."""
        recording = self._recording
        if recording:
            self._stop()
        self._calls, self._tracked, self._kept, self._variables = [], set(), [], {}
        self._symbolic_handles = {}
        if recording:
            self._start()

    # -- gradients --------------------------------------------------------------------------------------

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: Any = UnconnectedGradients.NONE
    ) -> Any:
        """The gradient of `target` (the sum of all its tensors) for each of `sources`, in the nest of `sources`.

        Raises RuntimeError on the second call of a tape that is not persistent.
        """
        if self._calls is None:
            raise RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
        if unconnected_gradients not in (UnconnectedGradients.NONE, UnconnectedGradients.ZERO):
            raise ValueError(f"Unknown value for unconnected_gradients: {unconnected_gradients!r}")
        if target is None:
            raise TypeError("Argument `target` should be a list or nested structure of Tensors, Variables or CompositeTensors.")
        was_recording = self._recording
        if was_recording and not self._persistent:
            self._stop()
        targets = [target] if type(target) is EagerTensor else [_as_target(t) for t in nest.flatten(target)]
        flat_sources = [sources] if type(sources) is EagerTensor else nest.flatten(sources)
        for s in flat_sources:
            if type(s) is not EagerTensor and (s is None or not (isinstance(s, Tensor) or hasattr(s, "handle"))):
                raise TypeError(f"Argument `sources` should be tensors or variables, not {s!r}.")
        given = [None] * len(targets) if output_gradients is None else nest.flatten(output_gradients)
        source_keys = [*map(self._source_key if self._symbolic_handles else source_key, flat_sources)]
        keys = set(source_keys)
        gradients: dict[int, list[Any]] = {}
        for t, g in zip(targets, given):
            if _carries_gradient(t):
                gradients.setdefault(id(t), []).append(seed(t, g))
        wanted = self._tracked if keys <= self._tracked else self._tracked | keys
        with local.graph.name_scope("gradient_tape/") if local.graph is not None else _NO_SCOPE:
            backprop(reversed(self._calls), gradients, wanted, keys)
        result = [self._finish(s, gradients.get(key), unconnected_gradients) for s, key in zip(flat_sources, source_keys)]
        if not self._persistent:
            self._calls = None
            self._tracked, self._kept = set(), []
        if type(sources) is EagerTensor:
            return result[0]
        if type(sources) is list and len(sources) == len(result):
            return result
        return nest.pack_sequence_as(sources, result)

    @staticmethod
    def _finish(source: Any, terms: list[Any] | None, unconnected: str) -> Any:
        if terms:
            return terms[0] if len(terms) == 1 else add_gradients(list(terms))
        if unconnected == UnconnectedGradients.ZERO and _carries_gradient(source):
            return zeros_like(getattr(source, "handle", source) if not isinstance(source, Tensor) else source)
        return None

    def jacobian(
        self, target: Any, sources: Any, unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: Any = None, experimental_use_pfor: bool = True,
    ) -> Any:  # fmt: skip
        """For each source the tensor of derivatives of shape `target.shape + source.shape`."""
        from thalweg.engine.autodiff.jacobian import jacobian

        return jacobian(self, target, sources, unconnected_gradients)

    def batch_jacobian(
        self, target: Any, source: Any, unconnected_gradients: Any = UnconnectedGradients.NONE,
        parallel_iterations: Any = None, experimental_use_pfor: bool = True,
    ) -> Any:  # fmt: skip
        """The jacobian of each row of `target` for the same row of `source`: `[b, target..., source...]`."""
        from thalweg.engine.autodiff.jacobian import batch_jacobian

        return batch_jacobian(self, target, source, unconnected_gradients)


def _carries_gradient(x: Any) -> bool:
    array = getattr(x, "_array", None)
    if array is not None:
        kind = array.dtype.kind
        return kind == "f" or kind == "c" or kind == "V"  # ml_dtypes floats are of kind V
    dtype = x.dtype
    return dtype.is_floating or dtype.is_complex or dtype._kind in ("resource", "variant")


def _as_target(t: Any) -> Any:
    return t if isinstance(t, Tensor) else t._as_tensor() if hasattr(t, "_as_tensor") else t


def stop_recording() -> contextlib.AbstractContextManager[None]:
    from thalweg.engine.core.context import no_tapes

    return no_tapes()
