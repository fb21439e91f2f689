"""Blocks of space moved into depth or batch, and patches of images."""

from __future__ import annotations

from typing import Any

import numpy as np

from thalweg.engine.core import convert, dtypes, errors
from thalweg.engine.core.registry import BASIC, HOST, NUMERIC, REAL, REGISTRY, Sample, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.core.tensor import SymbolicTensor
from thalweg.engine.ops.indexing import scatter_add
from thalweg.engine.ops.shaping import ints, static_ints, wrong
from thalweg.engine.ops.static import get_static_value, shape_of

# -- depth -------------------------------------------------------------------------------------------------


def _spatial(x: TensorShape, data_format: str) -> tuple[TensorShape, list[int]]:
    """The shape, of rank 4, and the places of its height, width and channels."""
    if data_format not in ("NHWC", "NCHW"):
        raise ValueError(f"data_format must be NHWC or NCHW, not {data_format!r}")
    return x.with_rank(4), [1, 2, 3] if data_format == "NHWC" else [2, 3, 1]


def _checked_block(block_size: int) -> int:
    if block_size < 2:
        raise wrong(f"Value for attr 'block_size' of {block_size} must be at least minimum 2")
    return int(block_size)


def _to_depth_shape(x: TensorShape, *, block_size: int, data_format: str) -> TensorShape:
    x, (h, w, c) = _spatial(x, data_format)
    sizes = x.as_list()
    for i in (h, w):
        n = sizes[i]
        if n is not None and n % block_size:
            raise ValueError(f"Dimension size must be evenly divisible by {block_size} but is {n}")
        sizes[i] = None if n is None else n // block_size
    channels = sizes[c]
    sizes[c] = None if channels is None else channels * block_size**2
    return TensorShape(sizes)


def _to_depth_vjp(y: Any, g: Any, x: Any, *, block_size: int, data_format: str) -> Any:
    return lambda: depth_to_space_op(g, block_size=block_size, data_format=data_format)


@op("SpaceToDepth", shape=_to_depth_shape, vjp=_to_depth_vjp,
    samples=[Sample((2, 4, 6, 3), block_size=2), Sample((2, 3, 4, 6), block_size=2, data_format="NCHW")])
def space_to_depth_op(xp: Any, input: Any, *, block_size: int, data_format: str = "NHWC") -> Any:
    n, s = block_size, input.shape
    if data_format == "NHWC":
        b, h, w, c = s
        blocks = input.reshape((b, h // n, n, w // n, n, c))
        return xp.transpose(blocks, (0, 1, 3, 2, 4, 5)).reshape((b, h // n, w // n, n * n * c))
    b, c, h, w = s
    blocks = input.reshape((b, c, h // n, n, w // n, n))
    return xp.transpose(blocks, (0, 3, 5, 1, 2, 4)).reshape((b, n * n * c, h // n, w // n))


def _to_space_shape(x: TensorShape, *, block_size: int, data_format: str) -> TensorShape:
    x, (h, w, c) = _spatial(x, data_format)
    sizes = x.as_list()
    channels = sizes[c]
    if channels is not None and channels % block_size**2:
        raise ValueError(f"Dimension size must be evenly divisible by {block_size**2} but is {channels}")
    sizes[c] = None if channels is None else channels // block_size**2
    for i in (h, w):
        n = sizes[i]
        sizes[i] = None if n is None else n * block_size
    return TensorShape(sizes)


@op("DepthToSpace", shape=_to_space_shape,
    vjp=lambda y, g, x, block_size, data_format: lambda: space_to_depth_op(g, block_size=block_size, data_format=data_format),
    samples=[Sample((2, 2, 3, 8), block_size=2), Sample((2, 8, 2, 3), block_size=2, data_format="NCHW")])
def depth_to_space_op(xp: Any, input: Any, *, block_size: int, data_format: str = "NHWC") -> Any:
    n, s = block_size, input.shape
    if data_format == "NHWC":
        b, h, w, c = s
        blocks = input.reshape((b, h, w, n, n, c // n**2))
        return xp.transpose(blocks, (0, 1, 3, 2, 4, 5)).reshape((b, h * n, w * n, c // n**2))
    b, c, h, w = s
    blocks = input.reshape((b, n, n, c // n**2, h, w))
    return xp.transpose(blocks, (0, 3, 4, 1, 5, 2)).reshape((b, c // n**2, h * n, w * n))


def space_to_depth(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Blocks of `block_size` x `block_size` pixels moved into the channels.

    Raises InvalidArgumentError when height or width is no multiple of it.

    >>> tf.nn.space_to_depth(tf.reshape(tf.range(4), [1, 2, 2, 1]), 2).numpy().ravel()
    array([0, 1, 2, 3], dtype=int32)
    """
    return space_to_depth_op(input, block_size=_checked_block(block_size), data_format=data_format, name=name)


def depth_to_space(input: Any, block_size: int, data_format: str = "NHWC", name: str | None = None) -> Any:
    """Channels laid out as blocks of `block_size` x `block_size` pixels: undoes `space_to_depth`.

    >>> tf.nn.depth_to_space(tf.reshape(tf.range(4), [1, 1, 1, 4]), 2).shape
    TensorShape([1, 2, 2, 1])
    """
    return depth_to_space_op(input, block_size=_checked_block(block_size), data_format=data_format, name=name)


# -- batch -------------------------------------------------------------------------------------------------


def _pairs(values: Any, what: str) -> list[tuple[int, int]]:
    flat = ints(values, what, (1, 2))
    if any(v < 0 for v in flat):
        raise ValueError(f"{what} must not be negative: {values.tolist()}")
    return list(zip(flat[::2], flat[1::2]))


def _check_blocks(rank: int, block: Any, pairs: Any) -> None:
    if len(pairs) != len(block):
        raise ValueError(f"One pair is needed for each of {len(block)} blocks, not {len(pairs)}")
    if any(b is not None and b < 1 for b in block):
        raise ValueError(f"All values in block_shape must be positive, got {block}")
    if rank < len(block) + 1:
        raise ValueError(f"The input, of rank {rank}, must have a batch and a dimension for each of {len(block)} blocks")


def _static_pairs(values: Any, count: int) -> list[Any]:
    return [(None, None)] * count if values is None else values


def _to_batch_shape(x: TensorShape, block_shape: Any, paddings: Any) -> TensorShape:
    block = static_ints(block_shape, "block_shape")
    if x.rank is None:
        return UNKNOWN
    if block is None:
        return TensorShape([None] * x.rank)
    pairs = _static_pairs(paddings, len(block))
    _check_blocks(x.rank, block, pairs)
    sizes, batch = x.as_list(), x.as_list()[0]
    for i, (b, (before, after)) in enumerate(zip(block, pairs), 1):
        n = None if None in (sizes[i], before, after) else sizes[i] + before + after  # type: ignore[operator]
        if None not in (n, b) and n % b:  # type: ignore[operator]
            raise ValueError(f"padded_shape[{i - 1}]={n} is not divisible by block_shape[{i - 1}]={b}")
        sizes[i] = None if None in (n, b) else n // b  # type: ignore[operator]
        batch = None if None in (batch, b) else batch * b  # type: ignore[operator]
    return TensorShape([batch, *sizes[1:]])


def _to_batch_vjp(y: Any, g: Any, x: Any, block_shape: Any, paddings: Any) -> Any:
    return lambda: batch_to_space_nd(g, block_shape, paddings), None, None


@op("SpaceToBatchND", types=("T", HOST, HOST), dtypes=BASIC, shape=_to_batch_shape, vjp=_to_batch_vjp,
    samples=[Sample((2, 4, 6, 3), [2, 3], [[0, 0], [0, 0]]), Sample((2, 3, 5), [2], [[1, 0]])])
def space_to_batch_nd(xp: Any, input: Any, block_shape: Any, paddings: Any) -> Any:
    """Blocks of the dimensions after the first, padded with zeros, moved into the batch.

    >>> tf.space_to_batch_nd([[[1], [2], [3], [4]]], [2], [[0, 0]]).numpy().tolist()
    [[[1], [3]], [[2], [4]]]
    """
    block, pairs = ints(block_shape, "block_shape"), _pairs(paddings, "paddings")
    _check_blocks(input.ndim, block, pairs)
    rest = input.shape[len(block) + 1 :]
    x = xp.pad(input, [(0, 0), *pairs, *((0, 0) for _ in rest)])
    if any(n % b for n, b in zip(x.shape[1:], block)):
        raise ValueError("block_shape")  # the shape rule says it
    split = [v for n, b in zip(x.shape[1:], block) for v in (n // b, b)]
    x = x.reshape((x.shape[0], *split, *rest))
    m = len(block)
    order = [*range(2, 2 * m + 1, 2), 0, *range(1, 2 * m, 2), *range(2 * m + 1, x.ndim)]
    return xp.transpose(x, order).reshape((input.shape[0] * int(np.prod(block)), *split[::2], *rest))


def _from_batch_shape(x: TensorShape, block_shape: Any, crops: Any) -> TensorShape:
    block = static_ints(block_shape, "block_shape")
    if x.rank is None:
        return UNKNOWN
    if block is None:
        return TensorShape([None] * x.rank)
    pairs = _static_pairs(crops, len(block))
    _check_blocks(x.rank, block, pairs)
    sizes, batch = x.as_list(), x.as_list()[0]
    for i, (b, (before, after)) in enumerate(zip(block, pairs), 1):
        if min(before or 0, after or 0) < 0:
            raise ValueError(f"Crops must be non-negative: {pairs}")
        sizes[i] = None if None in (sizes[i], b, before, after) else sizes[i] * b - before - after  # type: ignore[operator]
        if sizes[i] is not None and sizes[i] < 0:  # type: ignore[operator]
            raise ValueError(f"The crops of dimension {i} are larger than the dimension")
    count = TensorShape(block).num_elements()
    if count is None or batch is None:
        batch = None
    else:
        if batch % count:
            raise ValueError(f"Input batch dimension ({batch}) is not divisible by product of block sizes ({count})")
        batch //= count
    return TensorShape([batch, *sizes[1:]])


@op("BatchToSpaceND", types=("T", HOST, HOST), dtypes=BASIC, shape=_from_batch_shape,
    vjp=lambda y, g, x, block, crops: (lambda: space_to_batch_nd(g, block, crops), None, None),
    samples=[Sample((8, 2, 3, 1), [2, 2], [[0, 0], [1, 0]])])
def batch_to_space_nd(xp: Any, input: Any, block_shape: Any, crops: Any) -> Any:
    """Undoes `space_to_batch_nd`: the batch laid out as blocks, then cropped.

    >>> tf.batch_to_space([[[1], [3]], [[2], [4]]], [2], [[0, 0]]).numpy().ravel()
    array([1, 2, 3, 4], dtype=int32)
    """
    block, pairs = ints(block_shape, "block_shape"), _pairs(crops, "crops")
    _check_blocks(input.ndim, block, pairs)
    m, count = len(block), int(np.prod(block))
    if input.shape[0] % count:
        raise ValueError("block_shape")  # the shape rule says it
    inner, rest = input.shape[1 : m + 1], input.shape[m + 1 :]
    x = input.reshape((*block, input.shape[0] // count, *inner, *rest))
    order = [m, *(v for i in range(m) for v in (m + 1 + i, i)), *range(2 * m + 1, x.ndim)]
    x = xp.transpose(x, order).reshape((input.shape[0] // count, *(n * b for n, b in zip(inner, block)), *rest))
    return x[(slice(None), *(slice(before, n - after) for n, (before, after) in zip(x.shape[1:], pairs)), ...)]


def space_to_batch(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Any:
    """Blocks of the dimensions after the first, padded with zeros, moved into the batch.

    Raises InvalidArgumentError when a padded dimension is no multiple of its block.

    >>> tf.space_to_batch([[[1], [2], [3], [4]]], [2], [[0, 0]]).shape
    TensorShape([2, 2, 1])
    """
    return space_to_batch_nd(input, block_shape, paddings, name=name)


def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Any:
    """The batch laid out as blocks of the dimensions after it, then cropped.

    >>> tf.batch_to_space([[[1], [3]], [[2], [4]]], [2], [[0, 0]]).shape
    TensorShape([1, 4, 1])
    """
    return batch_to_space_nd(input, block_shape, crops, name=name)


def required_space_to_batch_paddings(
    input_shape: Any, block_shape: Any, base_paddings: Any = None, name: str | None = None
) -> tuple[Any, Any]:
    """`(paddings, crops)` with which `space_to_batch` fits `input_shape` and `batch_to_space` undoes it.

    >>> [t.numpy().tolist() for t in tf.required_space_to_batch_paddings([5], [2])]
    [[[0, 1]], [[0, 1]]]
    """
    sizes = convert.convert_to_tensor(input_shape, dtype=dtypes.int32)
    block = convert.convert_to_tensor(block_shape, dtype=dtypes.int32)
    block.shape.assert_is_fully_defined()
    block.shape.assert_has_rank(1)
    count = block.shape.as_list()[0]
    sizes.shape.assert_is_compatible_with([count])
    if base_paddings is None:
        base_paddings = np.zeros((count, 2), np.int32)
    base = convert.convert_to_tensor(base_paddings, dtype=dtypes.int32)
    base.shape.assert_is_compatible_with([count, 2])
    values = [get_static_value(v) for v in (sizes, block, base)]
    if all(v is not None for v in values):
        sizes, block, base = values
    start, end = base[:, 0], base[:, 1]
    extra = (block - (sizes + start + end) % block) % block
    if isinstance(extra, SymbolicTensor):
        pack = REGISTRY["Pack"]
        return pack(start, end + extra, axis=1), pack(REGISTRY["ZerosLike"](extra), extra, axis=1)
    return tuple(convert.convert_to_tensor(np.stack(p, 1).astype(np.int32)) for p in ((start, end + extra), (0 * extra, extra)))


# -- patches -----------------------------------------------------------------------------------------------


def _windows(n: int, size: int, stride: int, rate: int, padding: str) -> tuple[int, int, np.ndarray]:
    """Padding before and after, and for each window its places in the padded dimension."""
    span = (size - 1) * rate + 1
    if padding == "SAME":
        count = -(-n // stride)
        missing = max((count - 1) * stride + span - n, 0)
        before, after = missing // 2, missing - missing // 2
    else:
        count, before, after = int((n - span + stride) / stride), 0, 0
        if count < 0:
            raise ValueError(f"The size of the result would be negative: patches that span {span} of a dimension of {n}")
    return before, after, np.arange(count)[:, None] * stride + np.arange(size) * rate


def _patch_sizes(dims: Any, ksizes: Any, strides: Any, rates: Any, padding: str) -> list[int | None]:
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"padding must be SAME or VALID, not {padding!r}")
    return [
        None if n is None else len(_windows(n, k, s, r, padding)[2])
        for n, k, s, r in zip(dims, ksizes[1:-1], strides[1:-1], rates[1:-1])
    ]


def _patches_shape(x: TensorShape, *, ksizes: Any, strides: Any, padding: str, rates: Any = None) -> TensorShape:
    x = x.with_rank(len(ksizes))
    sizes = x.as_list()
    depth = None if sizes[-1] is None else sizes[-1] * int(np.prod(ksizes))
    return TensorShape([sizes[0], *_patch_sizes(sizes[1:-1], ksizes, strides, rates or [1] * len(ksizes), padding), depth])


def _extracted(xp: Any, images: Any, ksizes: Any, strides: Any, rates: Any, padding: str) -> Any:
    """Patches along the inner dimensions: each is padded, split into (window, place), and the places go to the depth."""
    inner = len(ksizes) - 2
    y = images
    for i in range(inner):
        axis = 1 + 2 * i
        before, after, places = _windows(y.shape[axis], ksizes[1 + i], strides[1 + i], rates[1 + i], padding)
        y = xp.pad(y, [(before, after) if a == axis else (0, 0) for a in range(y.ndim)])
        y = xp.take(y, places, axis=axis)
    windows = [1 + 2 * i for i in range(inner)]
    y = xp.transpose(y, [0, *windows, *(w + 1 for w in windows), y.ndim - 1])
    return y.reshape((*y.shape[: inner + 1], int(np.prod(y.shape[inner + 1 :]))))


def _patches_grad_shape(shape: Any, dy: TensorShape, **_: Any) -> TensorShape:
    return UNKNOWN if shape is None else TensorShape(shape)


def _patches_grad_vjp(y: Any, g: Any, shape: Any, dy: Any, *, ksizes: Any, strides: Any, rates: Any, padding: str) -> Any:
    if len(ksizes) == 5:
        return None, lambda: extract_volume_patches_op(g, ksizes=ksizes, strides=strides, padding=padding)
    return None, lambda: extract_image_patches_op(g, ksizes=ksizes, strides=strides, rates=rates, padding=padding)


@op("ExtractPatchesGrad", types=(HOST, "T"), dtypes=NUMERIC, shape=_patches_grad_shape, vjp=_patches_grad_vjp,
    samples=[Sample([1, 4, 5, 2], (1, 3, 4, 8), ksizes=[1, 2, 2, 1], strides=[1, 1, 1, 1], rates=[1, 1, 1, 1], padding="VALID")])
def patches_grad(xp: Any, shape: Any, dy: Any, *, ksizes: Any, strides: Any, rates: Any, padding: str) -> Any:
    """The transpose of extracting patches: each is added back where it was taken, by the same steps in reverse."""
    dims = ints(shape)
    inner = len(ksizes) - 2
    plans = [_windows(dims[1 + i], ksizes[1 + i], strides[1 + i], rates[1 + i], padding) for i in range(inner)]
    g = dy.reshape((dims[0], *dy.shape[1:-1], *ksizes[1:-1], dims[-1]))
    g = xp.transpose(g, [0, *(v for i in range(inner) for v in (1 + i, 1 + inner + i)), 2 * inner + 1])
    for i in reversed(range(inner)):
        before, after, places = plans[i]
        axis = 1 + 2 * i
        front = xp.moveaxis(g, (axis, axis + 1), (0, 1))
        target = xp.zeros((dims[1 + i] + before + after, *front.shape[2:]), dy.dtype)
        summed = scatter_add(xp, target, (places,), front)[before : before + dims[1 + i]]
        g = xp.moveaxis(summed, 0, axis)
    return g


def _patches_vjp(y: Any, g: Any, x: Any, *, ksizes: Any, strides: Any, padding: str, rates: Any = None) -> Any:
    rates = rates or [1] * len(ksizes)
    return lambda: patches_grad(shape_of(x), g, ksizes=ksizes, strides=strides, rates=rates, padding=padding)


@op("ExtractImagePatches", dtypes=BASIC, shape=_patches_shape, vjp=_patches_vjp,
    samples=[Sample((2, 5, 6, 2), ksizes=[1, 2, 3, 1], strides=[1, 2, 1, 1], rates=[1, 1, 2, 1], padding="SAME")])
def extract_image_patches_op(xp: Any, images: Any, *, ksizes: Any, strides: Any, rates: Any, padding: str) -> Any:
    return _extracted(xp, images, ksizes, strides, rates, padding)


@op("ExtractVolumePatches", dtypes=REAL, shape=_patches_shape, vjp=_patches_vjp,
    samples=[Sample((1, 3, 4, 5, 2), ksizes=[1, 2, 2, 2, 1], strides=[1, 1, 2, 1, 1], padding="VALID")])
def extract_volume_patches_op(xp: Any, input: Any, *, ksizes: Any, strides: Any, padding: str) -> Any:
    return _extracted(xp, input, ksizes, strides, [1] * 5, padding)


def _int_list(values: Any, what: str, length: int) -> list[int]:
    values = [int(v) for v in values]
    if len(values) != length:
        raise ValueError(f"{what} must have {length} elements, not {len(values)}: {values}")
    if values[0] != 1 or values[-1] != 1:
        raise errors.UnimplementedError(None, None, f"{what} must be 1 for batch and depth: {values}")
    return values


def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Any:
    """Patches of images, each flattened into the depth of one output pixel.

    images: `[batch, rows, columns, depth]`; sizes, strides, rates: `[1, rows, columns, 1]`.

    >>> one = [1, 1, 1, 1]
    >>> tf.compat.v1.extract_image_patches(tf.zeros([1, 3, 3, 1]), [1, 2, 2, 1], one, one, 'VALID').shape
    TensorShape([1, 2, 2, 4])
    """
    lists = {k: _int_list(v, k, 4) for k, v in (("ksizes", sizes), ("strides", strides), ("rates", rates))}
    return extract_image_patches_op(images, **lists, padding=padding, name=name)


def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: str, name: str | None = None) -> Any:
    """Patches of volumes, each flattened into the depth of one output voxel.

    input: `[batch, planes, rows, columns, depth]`; ksizes, strides: `[1, planes, rows, columns, 1]`.

    >>> tf.extract_volume_patches(tf.zeros([1, 3, 3, 3, 2]), [1, 2, 2, 2, 1], [1, 1, 1, 1, 1], 'VALID').shape
    TensorShape([1, 2, 2, 2, 16])
    """
    lists = {k: _int_list(v, k, 5) for k, v in (("ksizes", ksizes), ("strides", strides))}
    return extract_volume_patches_op(input, **lists, padding=padding, name=name)
