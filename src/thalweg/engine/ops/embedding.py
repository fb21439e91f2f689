"""Embedding lookups: rows of a table, or of a table cut into parts.

Source: https://www.tensorflow.org/api_docs/python/tf/nn/embedding_lookup
"""

from __future__ import annotations

from typing import Any

from thalweg.engine.core import convert, dtypes
from thalweg.engine.core.dispatch import dispatchable
from thalweg.engine.core.graph import name_scope
from thalweg.engine.core.registry import REGISTRY
from thalweg.engine.ops.clip import clip_by_norm
from thalweg.engine.ops.creation import range_
from thalweg.engine.ops.indexing import gather
from thalweg.engine.ops.sets import dynamic_stitch
from thalweg.engine.ops.shaping import cast, reshape, shape


@dispatchable
def embedding_lookup(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Any:
    """Rows `ids` of `params` (a tensor, a variable, or a list of them: rows dealt out in ranges).

    With `max_norm` rows longer than it are shortened to it. Returns `ids.shape + params.shape[1:]`. Raises
    InvalidArgumentError for an id out of range.

    >>> tf.nn.embedding_lookup([[1., 2.], [3., 4.]], [1, 0]).numpy()
    array([[3., 4.],
           [1., 2.]], dtype=float32)
    """
    parts = list(params) if isinstance(params, (list, tuple)) and _are_tables(params) else [params]
    return partitioned_lookup(parts, ids, "div", max_norm, name)


def _are_tables(params: Any) -> bool:
    """Whether a list holds tables, rather than the rows of one."""
    first = params[0] if params else None
    return hasattr(first, "dtype") and getattr(first, "shape", None) is not None


def partitioned_lookup(parts: list[Any], ids: Any, strategy: str, max_norm: Any, name: str | None) -> Any:
    """`embedding_lookup` over several tables: `strategy` "mod" deals rows out in turn, "div" in ranges."""
    if not parts:
        raise ValueError("Argument `params` must not be empty.")
    with name_scope(name or "embedding_lookup"):
        ids = convert.convert_to_tensor(ids, name="ids")
        if len(parts) == 1:
            return _limited(gather(parts[0], ids), ids, max_norm)
        flat = reshape(ids, [-1])
        table, row = _mod(flat, len(parts)) if strategy == "mod" else _div(flat, parts) if strategy == "div" else _refuse(strategy)
        order = range_(shape(flat)[0])
        pieces, places = [], []
        for i, part in enumerate(parts):
            mine = REGISTRY["Reshape"](REGISTRY["Where"](REGISTRY["Equal"](table, i)), [-1])
            pieces.append(gather(part, gather(row, mine)))
            places.append(gather(order, mine))
        rows = dynamic_stitch(places, pieces)
        tail = shape(parts[0])[1:]
        return _limited(reshape(rows, REGISTRY["ConcatV2"](shape(ids), tail, 0)), ids, max_norm)


def _refuse(strategy: str) -> Any:
    raise ValueError(f"Unrecognized partition strategy: {strategy!r}. Must be one of either `mod` or `div`.")


def _mod(ids: Any, count: int) -> tuple[Any, Any]:
    return cast(ids % count, dtypes.int32), ids // count


def _div(ids: Any, parts: list[Any]) -> tuple[Any, Any]:
    """Ranges as even as they can be: the first few tables have one row more."""
    rows: list[Any] = [p.shape[0] if p.shape.rank is not None else None for p in parts]
    if None in rows:
        total = cast(REGISTRY["AddN"](*[shape(p)[0] for p in parts]), ids.dtype)
        each, extra = total // len(parts), total % len(parts)
    else:
        each, extra = divmod(sum(int(r) for r in rows), len(parts))
    table = REGISTRY["Maximum"](ids // (each + 1), (ids - extra) // each)
    first = REGISTRY["Less"](table, extra)
    row = REGISTRY["SelectV2"](first, ids % (each + 1), (ids - extra) % each)
    return cast(table, dtypes.int32), row


def _limited(rows: Any, ids: Any, max_norm: Any) -> Any:
    if max_norm is None:
        return rows
    axes = list(range(ids.shape.rank, rows.shape.rank)) if None not in (ids.shape.rank, rows.shape.rank) else [-1]
    return clip_by_norm(rows, max_norm, axes=axes)
