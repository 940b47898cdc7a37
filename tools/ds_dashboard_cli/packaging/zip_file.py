"""A zip with fixed order, times and modes, and with a compression of our own: the same bytes on every machine.

`zipfile` compresses with zlib, whose bytes differ between machines, and has no way to write what is already compressed.
Source: APPNOTE.TXT of PKWARE, 4.3.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

from ds_dashboard_cli.packaging import deflate

_STORED, _DEFLATED = 0, 8
_VERSION, _UNIX = 20, 3
_UTF8 = 0x800
# 1980-01-01, the first date of the format.
_TIME, _DATE = 0, 0x21
_MODE = 0o100644 << 16
_MAX_FILES = 0xFFFF


def build(files: Mapping[str, bytes], is_compressed: Callable[[str], bool]) -> bytes:
    """Return a zip.

    Args:
        files: path in the zip -> content.
        is_compressed: whether to compress the file of a path.
    """
    assert len(files) <= _MAX_FILES
    content, directory = bytearray(), bytearray()
    for name in sorted(files, key=str.encode):
        plain, encoded = files[name], name.encode()
        small = deflate.compress(plain) if is_compressed(name) else plain
        method = _DEFLATED if len(small) < len(plain) else _STORED
        data = small if method == _DEFLATED else plain
        flags = 0 if name.isascii() else _UTF8
        facts = struct.pack(
            "<5H3I2H", _VERSION, flags, method, _TIME, _DATE, zlib.crc32(plain), len(data), len(plain), len(encoded), 0
        )
        directory += b"PK\1\2" + bytes((_VERSION, _UNIX)) + facts
        directory += struct.pack("<3H2I", 0, 0, 0, _MODE, len(content)) + encoded
        content += b"PK\3\4" + facts + encoded + data
    end = struct.pack("<4H2IH", 0, 0, len(files), len(files), len(directory), len(content), 0)
    return bytes(content + directory + b"PK\5\6" + end)
