"""Pictures from and to files' bytes: PNG, JPEG, GIF and BMP, read and written by Pillow.

Source: https://www.tensorflow.org/api_docs/python/tf/io/decode_image
"""

from __future__ import annotations

import io
import warnings
from typing import Any

import numpy as np

from thalweg.engine.core import dtypes, errors
from thalweg.engine.core.registry import HOST, op
from thalweg.engine.core.shape import UNKNOWN, TensorShape
from thalweg.engine.formats.png import encode_png as png_file

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_FORMATS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "GIF": b"GIF8", "BMP": b"BM"}


def _format(data: bytes) -> str:
    """What kind of picture the bytes are. Raises InvalidArgumentError for another kind."""
    for name, start in _FORMATS.items():
        if data.startswith(start):
            return name
    raise errors.invalid(f"Unknown image file format. One of JPEG, PNG, GIF, BMP required, not bytes that start with {data[:8]!r}.")


def _open(data: bytes, formats: Any = None) -> Any:
    """A Pillow image, nothing of its pixels read yet. Pillow refuses sizes that would not fit into memory."""
    from PIL import Image

    _format(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=formats)
    except Image.DecompressionBombError as error:
        raise errors.invalid(f"The picture says that it is too large to read: {error}") from None
    except Exception as error:
        raise errors.invalid(f"Invalid {_format(data)} data, size {len(data)}: {error}") from None


def _own_channels(image: Any) -> int:
    if image.mode == "P":
        return 4 if "transparency" in image.info else 3
    if image.mode in ("1", "L", "I", "I;16", "I;16B", "F"):
        return 2 if "transparency" in image.info else 1
    return {"LA": 2, "RGBA": 4, "PA": 4, "CMYK": 3, "YCbCr": 3}.get(image.mode, 3)


def _pixels(image: Any, channels: int, dtype: dtypes.DType) -> np.ndarray:
    """`[height, width, channels]`. Raises InvalidArgumentError for a file that ends too early."""
    channels = channels or _own_channels(image)
    if image.format == "JPEG" and channels == 1 and image.mode == "RGB":
        image.draft("L", image.size)  # brightness as the file has it
    try:
        image.load()
    except Exception as error:
        raise errors.invalid(f"Invalid {image.format} data: {error}") from None
    deep = image.mode.startswith("I")
    if deep and channels == 1:
        values = np.asarray(image).astype(np.uint16)[..., None]
    else:
        if deep:
            image = _eight_bits(image)
        values = np.asarray(image.convert(_MODES[channels]))
        values, deep = values.reshape(image.size[1], image.size[0], channels), False
    return _as_dtype(values, dtype, deep)


def _eight_bits(image: Any) -> Any:
    from PIL import Image

    return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))


def _as_dtype(values: np.ndarray, dtype: dtypes.DType, deep: bool) -> np.ndarray:
    if dtype is dtypes.uint16:
        return values if deep else values.astype(np.uint16) * np.uint16(257)
    if deep and dtype is dtypes.uint8:
        return (values >> 8).astype(np.uint8)
    if dtype is dtypes.float32:
        return (values / np.float32(65535 if deep else 255)).astype(np.float32)
    return values.astype(np.uint8)


def _frames(image: Any) -> np.ndarray:
    """All pictures of an animation: `[frames, height, width, 3]` of uint8."""
    frames = []
    try:
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
    except Exception as error:
        raise errors.invalid(f"Invalid GIF data: {error}") from None
    return np.stack(frames)


def _bytes(contents: Any) -> bytes:
    if contents.ndim:
        raise errors.invalid(f"contents must be scalar, got shape {list(contents.shape)}")
    return contents.item()


def _check_channels(channels: int, allowed: tuple[int, ...]) -> None:
    if channels not in allowed:
        raise errors.invalid(f"channels must be one of {', '.join(map(str, allowed))}, got {channels}")


def _picture_shape(contents: TensorShape, *, channels: int = 0, **_: Any) -> TensorShape:
    contents.with_rank(0)
    return TensorShape([None, None, channels or None])


_S = (dtypes.string,)
_UINT8 = dtypes.uint8


@op("DecodeJpeg", types=_S, out=_UINT8, shape=_picture_shape, host=True)
def _decode_jpeg(
    xp: Any, contents: Any, *, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True, try_recover_truncated: bool = False,
    acceptable_fraction: float = 1.0, dct_method: str = "",
) -> Any:  # fmt: skip
    _check_channels(channels, (0, 1, 3))
    image = _open(_bytes(contents))
    if image.format != "JPEG":
        return _pixels(image, channels, _UINT8)
    if ratio not in (1, 2, 4, 8):
        raise errors.invalid(f"ratio must be 1, 2, 4, or 8, got {ratio}")
    if ratio > 1:
        image.draft(None, (max(1, image.size[0] // ratio), max(1, image.size[1] // ratio)))
    if not try_recover_truncated:
        return _pixels(image, channels, _UINT8)
    from PIL import ImageFile

    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        return _pixels(image, channels, _UINT8)
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


@op("DecodeAndCropJpeg", types=(dtypes.string, HOST), out=_UINT8, host=True,
    shape=lambda contents, window, *, channels=0, **_: TensorShape([*(window[2:] if window else [None, None]), channels or None]))
def _decode_and_crop_jpeg(
    xp: Any, contents: Any, crop_window: Any, *, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
    try_recover_truncated: bool = False, acceptable_fraction: float = 1.0, dct_method: str = "",
) -> Any:  # fmt: skip
    whole = _decode_jpeg.kernel(xp, contents, channels=channels, ratio=ratio, try_recover_truncated=try_recover_truncated)
    top, left, height, width = map(int, crop_window)
    if top < 0 or left < 0 or height <= 0 or width <= 0 or top + height > whole.shape[0] or left + width > whole.shape[1]:
        raise errors.invalid(f"Invalid crop window {crop_window.tolist()} of a picture of {whole.shape[0]} by {whole.shape[1]}.")
    return np.ascontiguousarray(whole[top : top + height, left : left + width])


@op("DecodePng", types=_S, out=lambda groups, attrs: attrs["dtype"], shape=_picture_shape, host=True)
def _decode_png(xp: Any, contents: Any, *, channels: int = 0, dtype: Any = _UINT8) -> Any:
    _check_channels(channels, (0, 1, 2, 3, 4))
    return _pixels(_open(_bytes(contents)), channels, dtype)


@op("DecodeBmp", types=_S, out=_UINT8, shape=_picture_shape, host=True)
def _decode_bmp(xp: Any, contents: Any, *, channels: int = 0) -> Any:
    _check_channels(channels, (0, 1, 3, 4))
    image = _open(_bytes(contents))
    if channels and channels != _own_channels(image):
        raise errors.invalid(f"channels attribute {channels} does not match bits per pixel from file {_own_channels(image)}")
    return _pixels(image, channels, _UINT8)


@op("DecodeGif", types=_S, out=_UINT8, shape=lambda contents, **_: TensorShape([None, None, None, 3]), host=True)
def _decode_gif(xp: Any, contents: Any) -> Any:
    image = _open(_bytes(contents))
    return _frames(image) if image.format == "GIF" else _pixels(image, 3, _UINT8)[None]


@op("DecodeImage", types=_S, out=lambda groups, attrs: attrs["dtype"], shape=lambda contents, **_: UNKNOWN, host=True)
def _decode_image(xp: Any, contents: Any, *, channels: int = 0, dtype: Any = _UINT8, expand_animations: bool = True) -> Any:
    _check_channels(channels, (0, 1, 3, 4))
    image = _open(_bytes(contents))
    if image.format == "GIF":
        if channels not in (0, 3):
            raise errors.invalid(f"Got {channels} channels for a GIF: it has 3.")
        frames = _as_dtype(_frames(image), dtype, False)
        return frames if expand_animations else frames[0]
    return _pixels(image, channels, dtype)


# -- public functions ------------------------------------------------------------------------------------------------


def decode_jpeg(
    contents: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True, try_recover_truncated: bool = False,
    acceptable_fraction: float = 1, dct_method: str = "", name: str | None = None,
) -> Any:  # fmt: skip
    """A JPEG file's bytes as uint8 `[height, width, channels]`.

    channels: 1 (brightness), 3, or 0 for what the file has. ratio: 1, 2, 4 or 8, to read it smaller. Raises InvalidArgumentError
    for bytes that are no whole picture, unless they may be truncated (`try_recover_truncated`).
    """
    return _decode_jpeg(
        contents, channels=channels or 0, ratio=ratio, fancy_upscaling=fancy_upscaling,
        try_recover_truncated=try_recover_truncated, acceptable_fraction=float(acceptable_fraction), dct_method=dct_method,
        name=name,
    )  # fmt: skip


def decode_and_crop_jpeg(contents: Any, crop_window: Any, channels: int = 0, name: str | None = None, **options: Any) -> Any:
    """A part of a JPEG picture: `crop_window` is (top, left, height, width). Raises InvalidArgumentError if it is not within."""
    return _decode_and_crop_jpeg(contents, crop_window, channels=channels, name=name, **options)


def decode_png(contents: Any, channels: int = 0, dtype: Any = _UINT8, name: str | None = None) -> Any:
    """A PNG file's bytes as `[height, width, channels]` of uint8 or uint16. channels: 1 to 4, or 0 for what the file has."""
    dtype = dtypes.as_dtype(dtype)
    if dtype not in (dtypes.uint8, dtypes.uint16):
        raise TypeError(f"Value for attr 'dtype' of {dtype.name} is not in the list of allowed values: uint8, uint16")
    return _decode_png(contents, channels=channels or 0, dtype=dtype, name=name)


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Any:
    """A BMP file's bytes as uint8 `[height, width, channels]`."""
    return _decode_bmp(contents, channels=channels or 0, name=name)


def decode_gif(contents: Any, name: str | None = None) -> Any:
    """A GIF file's bytes as uint8 `[frames, height, width, 3]`."""
    return _decode_gif(contents, name=name)


def decode_image(
    contents: Any, channels: int | None = None, dtype: Any = _UINT8, name: str | None = None, expand_animations: bool = True
) -> Any:
    """The bytes of a PNG, JPEG, GIF or BMP file as a picture; of a GIF `[frames, height, width, 3]` unless `expand_animations`
    is off.

    dtype: uint8, uint16, or float32 (then in [0, 1]). Raises InvalidArgumentError for another kind of file.
    """
    dtype = dtypes.as_dtype(dtype)
    if dtype not in (dtypes.uint8, dtypes.uint16, dtypes.float32):
        raise TypeError(f"Value for attr 'dtype' of {dtype.name} is not in the list of allowed values: uint8, uint16, float32")
    y = _decode_image(contents, channels=channels or 0, dtype=dtype, expand_animations=expand_animations, name=name)
    if not expand_animations:
        y.set_shape([None, None, channels or None])
    return y


def is_jpeg(contents: Any, name: str | None = None) -> Any:
    """Whether bytes begin as a JPEG file does."""
    from thalweg.engine.ops.comparison import equal
    from thalweg.engine.ops.strings import substr

    return equal(substr(contents, 0, 3), b"\xff\xd8\xff", name=name)


@op("ExtractJpegShape", types=_S, out=lambda groups, attrs: attrs["output_type"], shape=lambda contents, **_: TensorShape([3]),
    host=True)
def _extract_jpeg_shape(xp: Any, contents: Any, *, output_type: Any = dtypes.int32) -> Any:
    image = _open(_bytes(contents))
    return np.array([image.size[1], image.size[0], _own_channels(image)], output_type.np_dtype)


def extract_jpeg_shape(contents: Any, output_type: Any = dtypes.int32, name: str | None = None) -> Any:
    """`[height, width, channels]` of a JPEG file, without reading its pixels."""
    return _extract_jpeg_shape(contents, output_type=dtypes.as_dtype(output_type), name=name)


# -- writing ---------------------------------------------------------------------------------------------------------


def _image_of(values: Any) -> Any:
    from PIL import Image

    if values.ndim != 3 or values.shape[2] not in (1, 2, 3, 4):
        raise errors.invalid(f"image must be [height, width, channels] of 1 to 4 channels, not {list(values.shape)}")
    if not values.size:
        raise errors.invalid(f"image must not be empty: its shape is {list(values.shape)}")
    return Image.fromarray(np.ascontiguousarray(values[..., 0] if values.shape[2] == 1 else values))


def _saved(image: Any, kind: str, **options: Any) -> np.ndarray:
    out = io.BytesIO()
    image.save(out, kind, **options)
    box = np.empty((), object)
    box[()] = out.getvalue()
    return box


def _scalar(*_: Any, **__: Any) -> TensorShape:
    return TensorShape([])


def _jpeg(image: Any, quality: int, options: dict[str, Any]) -> np.ndarray:
    if image.ndim == 3 and image.shape[2] not in (1, 3):
        raise errors.invalid(f"A JPEG picture has 1 or 3 channels, not {image.shape[2]}.")
    if not 0 <= quality <= 100:
        raise errors.invalid(f"quality must be in [0, 100], got {quality}")
    return _saved(_image_of(image), "JPEG", quality=quality, **options)


@op("EncodeJpeg", types=(_UINT8,), out=dtypes.string, shape=_scalar, host=True)
def _encode_jpeg(
    xp: Any, image: Any, *, quality: int = 95, progressive: bool = False, optimize_size: bool = False,
    chroma_downsampling: bool = True, x_density: int = 300, y_density: int = 300,
) -> Any:  # fmt: skip
    options = {"progressive": progressive, "optimize": optimize_size, "subsampling": "4:2:0" if chroma_downsampling else "4:4:4",
               "dpi": (x_density, y_density)}  # fmt: skip
    return _jpeg(image, quality, options)


@op("EncodeJpegVariableQuality", types=(_UINT8, HOST), out=dtypes.string, shape=_scalar, host=True)
def _encode_jpeg_variable_quality(xp: Any, images: Any, quality: Any) -> Any:
    return _jpeg(images, int(quality), {"subsampling": "4:2:0"})


def encode_jpeg_variable_quality(images: Any, quality: Any, name: str | None = None) -> Any:
    """As `encode_jpeg`, with the quality as a tensor."""
    return _encode_jpeg_variable_quality(images, quality, name=name)


def encode_jpeg(
    image: Any, format: str = "", quality: int = 95, progressive: bool = False, optimize_size: bool = False,
    chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300, y_density: int = 300, xmp_metadata: str = "",
    name: str | None = None,
) -> Any:  # fmt: skip
    """A uint8 picture `[height, width, 1 or 3]` as a JPEG file's bytes. Raises InvalidArgumentError for another shape."""
    return _encode_jpeg(
        image, quality=quality, progressive=progressive, optimize_size=optimize_size, chroma_downsampling=chroma_downsampling,
        x_density=x_density, y_density=y_density, name=name,
    )  # fmt: skip


@op("EncodePng", types=("T",), dtypes=(dtypes.uint8, dtypes.uint16), out=dtypes.string,
    shape=lambda image, **_: image[:-3] if image.rank is not None else UNKNOWN, host=True)
def _encode_png(xp: Any, image: Any, *, compression: int = -1) -> Any:
    if image.ndim < 3:
        raise errors.invalid(f"image must be at least 3-dimensional, not {list(image.shape)}")
    out = np.empty(image.shape[:-3], object)
    for place in np.ndindex(*out.shape):
        out[place] = png_file(image[place], compression)
    return out


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Any:
    """A picture `[..., height, width, channels]` of uint8 or uint16 as a PNG file's bytes."""
    return _encode_png(image, compression=compression, name=name)

