"""Sets of row numbers in few bytes: a bit for each number from the least to the greatest, compressed. Computes only."""

import json
import zlib
from collections.abc import Collection

import numpy as np

MOST_BYTES = 50_000_000  # as many rows, times eight; what unpacks to more is damaged
_FIRST = 8  # bytes of the least number


class DamagedSet(ValueError):
    """The bytes are no packed set."""


def packed(numbers: Collection[int]) -> bytes:
    """Return the set as bytes; b"" for the empty one. Raises ValueError for a negative number."""
    if not numbers:
        return b""
    least, greatest = min(numbers), max(numbers)
    if least < 0:
        raise ValueError(f"{least} is no row's number")
    bits = np.zeros(greatest - least + 1, dtype=np.uint8)
    bits[np.fromiter(numbers, dtype=np.int64) - least] = 1
    return least.to_bytes(_FIRST, "big") + zlib.compress(np.packbits(bits).tobytes())


def unpacked(content: bytes) -> list[int]:
    """Return the numbers in rising order; raises DamagedSet."""
    if not content:
        return []
    decompressor = zlib.decompressobj()
    try:
        bits = decompressor.decompress(content[_FIRST:], MOST_BYTES)
    except zlib.error as e:
        raise DamagedSet(str(e)) from e
    if not decompressor.eof:
        raise DamagedSet("it is cut, or too large")
    found = np.flatnonzero(np.unpackbits(np.frombuffer(bits, dtype=np.uint8)))
    return [int(number) for number in found + int.from_bytes(content[:_FIRST], "big")]


def as_json(content: bytes) -> str:
    """Return the packed set as a JSON list, which a database takes as one parameter; raises DamagedSet."""
    return json.dumps(unpacked(content))
