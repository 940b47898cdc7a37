"""DEFLATE with the same bytes on every machine: zlib and its replacements compress alike in no two versions.

Matches are found greedily, at the last place with the same three bytes, and written with the fixed Huffman codes. Code
becomes two fifths of its size, at about a megabyte in two seconds. Source: RFC 1951.
"""

from __future__ import annotations

from functools import cache, lru_cache

_MIN_MATCH, _MAX_MATCH, _WINDOW = 3, 258, 32_768
_END = 256


# The files of one package, for a process that builds several.
@lru_cache(maxsize=1024)
def compress(content: bytes) -> bytes:
    """Return a raw DEFLATE stream, which `zlib.decompress(stream, wbits=-15)` reads."""
    literals, lengths = _tables()
    # A final block with fixed codes. Bits are added from the lowest one on.
    pieces = [(0b011, 3)]
    seen: dict[bytes, int] = {}
    position, size = 0, len(content)
    while position < size:
        three = content[position : position + _MIN_MATCH]
        before = seen.get(three) if len(three) == _MIN_MATCH else None
        seen[three] = position
        if before is None or position - before > _WINDOW:
            pieces.append(literals[content[position]])
            position += 1
            continue
        length = _match(content, before, position)
        pieces.append(lengths[length])
        pieces.append(_distance(position - before))
        for inside in range(position + 1, min(position + length, size - _MIN_MATCH)):
            seen[content[inside : inside + _MIN_MATCH]] = inside
        position += length
    pieces.append(literals[_END])
    return _pack(pieces)


def _match(content: bytes, before: int, position: int) -> int:
    length, most = _MIN_MATCH, min(_MAX_MATCH, len(content) - position)
    while length < most and content[before + length] == content[position + length]:
        length += 1
    return length


def _pack(pieces: list[tuple[int, int]]) -> bytes:
    packed, bits, count = bytearray(), 0, 0
    for value, width in pieces:
        bits |= value << count
        count += width
        while count >= 8:
            packed.append(bits & 255)
            bits >>= 8
            count -= 8
    if count:
        packed.append(bits)
    return bytes(packed)


def _reversed(code: int, width: int) -> int:
    """Return a Huffman code with its highest bit first, as the format wants it."""
    return int(f"{code:0{width}b}"[::-1], 2)


@cache
def _distance(distance: int) -> tuple[int, int]:
    start, code = 1, 0
    while True:
        extra = max(0, code // 2 - 1)
        if distance < start + (1 << extra):
            return _reversed(code, 5) | (distance - start) << 5, 5 + extra
        start, code = start + (1 << extra), code + 1


@cache
def _tables() -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    literals = [_literal(symbol) for symbol in range(288)]
    lengths = [(0, 0)] * (_MAX_MATCH + 1)
    start = _MIN_MATCH
    for symbol in range(257, 285):
        extra = 0 if symbol < 265 else (symbol - 261) // 4
        code, width = literals[symbol]
        for offset in range(1 << extra):
            if start + offset < _MAX_MATCH:
                lengths[start + offset] = (code | offset << width, width + extra)
        start += 1 << extra
    lengths[_MAX_MATCH] = literals[285]
    return literals, lengths


def _literal(symbol: int) -> tuple[int, int]:
    if symbol < 144:
        return _reversed(0b00110000 + symbol, 8), 8
    if symbol < 256:
        return _reversed(0b110010000 + symbol - 144, 9), 9
    if symbol < 280:
        return _reversed(symbol - 256, 7), 7
    return _reversed(0b11000000 + symbol - 280, 8), 8
