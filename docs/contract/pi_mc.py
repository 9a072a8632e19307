#!/usr/bin/env python3
"""Counts darts by the dart contract, version 1, as docs/contract.md defines it.

    pi_mc.py SEED SIMS    prints the hits among the first SIMS darts of SEED
    pi_mc.py --check      holds this program to vectors.json, which lies beside it
"""

import json
import sys
from pathlib import Path

CHUNK, MASK32, MASK64 = 65536, 2**32 - 1, 2**64 - 1
CONSTANTS = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
COLUMNS = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
DIAGONALS = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]


def rotl(word, n):
    return (word << n | word >> (32 - n)) & MASK32


def key_of(seed):
    """Section 1: eight words from a seed."""
    state, key = seed, []
    for _ in range(8):
        state = (state * 0x5851F42D4C957F2D + 0xA17654E46FBE17F3) & MASK64
        x = ((state >> 18) ^ state) >> 27 & MASK32
        key.append(rotl(x, -(state >> 59) % 32))
    return key


def block(key, stream, number):
    """Section 2: the 16 words of a block."""
    halves = [number & MASK32, number >> 32, stream & MASK32, stream >> 32]
    start = CONSTANTS + key + halves
    s = list(start)
    for _ in range(4):
        for a, b, c, d in COLUMNS + DIAGONALS:
            for n, m in (16, 12), (8, 7):
                s[a] = (s[a] + s[b]) & MASK32
                s[d] = rotl(s[d] ^ s[a], n)
                s[c] = (s[c] + s[d]) & MASK32
                s[b] = rotl(s[b] ^ s[c], m)
    return [(mixed + first) & MASK32 for mixed, first in zip(s, start)]


def fine_words(key, chunk, place):
    """Section 3: where in its cell a dart lies."""
    number, at = divmod(CHUNK + 2 * place, 16)
    return block(key, chunk, number)[at : at + 2]


def centre(cell, fine):
    """Section 4: A or B, from 16 bits of the coarse word and a fine word."""
    signed = cell - 65536 if cell >= 32768 else cell
    return 2 * (signed * 2**32 + fine) + 1


def is_hit(coarse, fx, fy):
    return centre(coarse & 0xFFFF, fx) ** 2 + centre(coarse >> 16, fy) ** 2 <= 2**96


def coarse_verdict(coarse):
    """True or False if the coarse word decides the dart, or else None."""
    verdicts = {is_hit(coarse, fx, fy) for fx in (0, MASK32) for fy in (0, MASK32)}
    return verdicts.pop() if len(verdicts) == 1 else None


def hits(seed, first, sims):
    """The hits among darts first to first + sims - 1."""
    key, count = key_of(seed), 0
    for dart in range(first, first + sims):
        chunk, place = divmod(dart, CHUNK)
        if dart == first or place % 16 == 0:
            words = block(key, chunk, place // 16)
        coarse = words[place % 16]
        verdict = coarse_verdict(coarse)
        if verdict is None:
            verdict = is_hit(coarse, *fine_words(key, chunk, place))
        count += verdict
    return count


def replay(seed, dart):
    """A dart in the form of vectors.json."""
    (chunk, place), key = divmod(dart, CHUNK), key_of(seed)
    coarse = block(key, chunk, place // 16)[place % 16]
    fx, fy = fine_words(key, chunk, place)
    x, y = centre(coarse & 0xFFFF, fx) / 2**48, centre(coarse >> 16, fy) / 2**48
    decided_by = "fine" if coarse_verdict(coarse) is None else "coarse"
    where = {"contract": 1, "seed": seed, "dart": dart, "chunk": chunk, "place": place}
    words = {"coarse": coarse, "fx": fx, "fy": fy, "x": round(x, 15), "y": round(y, 15)}
    return where | words | {"decided_by": decided_by, "hit": is_hit(coarse, fx, fy)}


CHECKS = {
    "keys": lambda v: key_of(v["seed"]) == v["key"],
    "streams": lambda v: block(key_of(v["seed"]), v["stream"], v["block"]) == v["words"],
    "hit_test": lambda v: is_hit(v["coarse"], v["fx"], v["fy"]) == v["hit"],
    "darts": lambda v: replay(v["seed"], v["dart"]) == v,
    "counts": lambda v: hits(v["seed"], v["first"], v["sims"]) == v["hits"],
}


def check():
    vectors = json.loads(Path(__file__).with_name("vectors.json").read_text())
    for name, is_right in CHECKS.items():
        for v in vectors[name]:
            is_right(v) or sys.exit(f"{name}: WRONG: {v}")
        print(f"{name}: {len(vectors[name])} right")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        check()
    elif len(sys.argv) != 3:
        sys.exit(__doc__)
    else:
        print(hits(int(sys.argv[1]), 0, int(sys.argv[2])))
