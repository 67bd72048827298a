"""How the names of persons are compared."""

import re
from collections.abc import Iterator
from functools import lru_cache
from zlib import crc32

from shared.kit.text import search_key

_WORD = re.compile(r"[^\W_]+")


def compared_by(*names: str | None) -> tuple[str, int]:
    """All names of a person as `search_key` makes them, and the `trigram_bits` of that."""
    known = [_compared_by(name) for name in names if name]
    bits = 0
    for _, each in known:
        bits |= each
    return " ".join([key for key, _ in known]), _signed(bits)


@lru_cache(maxsize=20_000)  # names are few, and a file of 15,000 households has them over and over
def _compared_by(name: str) -> tuple[str, int]:
    key = search_key(name)
    return key, _bits(key)


def trigrams(name: str) -> set[str]:
    """Those of a name, as pg_trgm has them: of each word with two blanks before it and one after."""
    return {trigram for word in _WORD.findall(name) for trigram in _of_word(word)}


def trigram_bits(name: str) -> int:
    """The trigrams of a name as bits of a signed 64-bit number: who lacks too many bits cannot be like it.

    Under row-level security no trigram index can be used (its operators are not leakproof), and comparing a name costs
    6 µs; this leaves one in some hundreds of the names in a scope to be compared.
    """
    return _signed(_bits(name))


def _of_word(word: str) -> Iterator[str]:
    padded = f"  {word} "
    return (padded[start : start + 3] for start in range(len(padded) - 2))


def _bits(name: str) -> int:
    bits = 0
    for trigram in trigrams(name):
        bits |= 1 << (crc32(trigram.encode()) & 63)
    return bits


def _signed(bits: int) -> int:
    return bits - (1 << 64) if bits >> 63 else bits
