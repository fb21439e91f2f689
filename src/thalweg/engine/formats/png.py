"""Images as PNG files, written: 8 or 16 bits a channel; grey, grey with alpha, RGB, RGBA.

Source: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

_COLOURS = {1: 0, 2: 4, 3: 2, 4: 6}  # channels: PNG's colour type


def encode_png(image: np.ndarray, compression: int = -1) -> bytes:
    """The PNG file of an image `[height, width, channels]` of uint8 or uint16. Raises ValueError for other forms."""
    if image.ndim != 3 or image.shape[2] not in _COLOURS or image.dtype not in (np.uint8, np.uint16) or not image.size:
        raise ValueError(
            f"A PNG image has the form [height, width, 1 to 4 channels] and dtype uint8 or uint16, not {image.dtype}{image.shape}."
        )
    height, width, channels = image.shape
    depth = 8 * image.dtype.itemsize
    lines = np.ascontiguousarray(image.astype(image.dtype.newbyteorder(">"))).view(np.uint8).reshape(height, -1)
    # Each line says how it is written: by its differences to the line above (2), which pictures take little room by.
    filtered = np.empty((height, lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = 2
    filtered[:, 1:] = lines
    filtered[1:, 1:] -= lines[:-1]
    head = struct.pack(">IIBBBBB", width, height, depth, _COLOURS[channels], 0, 0, 0)
    data = zlib.compress(filtered.tobytes(), compression)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
