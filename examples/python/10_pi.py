"""Lesson 10, pi: a digit costs a hundred times the darts."""

import math
import random


def estimate(seed, darts):
    generator = random.Random(seed)
    uniform = generator.random
    hits = sum(uniform() ** 2 + uniform() ** 2 <= 1 for _ in range(darts))
    share = hits / darts
    return 4 * share, 4 * math.sqrt(share * (1 - share) / darts)


for darts in (100, 10_000, 1_000_000):
    pi, error = estimate(7, darts)
    print("{:9,} darts: {:.5f} +/- {:.5f}".format(darts, pi, error))
misses = []
for seed in range(1, 201):
    pi, error = estimate(seed, 5_000)
    if abs(pi - math.pi) > 1.96 * error:
        misses.append(seed)
print("{} of 200 intervals miss: seeds {}".format(len(misses), misses))
assert 1 <= len(misses) <= 25
