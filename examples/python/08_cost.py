"""Lesson 8, cost: processes pay for work large beside their start."""

import time
from concurrent.futures import ProcessPoolExecutor


def task(n):
    total = 0
    for i in range(n):
        total += i
    return total


def timed(work):
    start = time.time()
    result = work()
    return time.time() - start, result


def on_a_pool(sizes):
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(task, sizes))


if __name__ == "__main__":
    for n in (1_000, 10_000, 100_000, 1_000_000):
        sizes = [n, n]
        alone, expected = timed(lambda: [task(n) for n in sizes])
        both, result = timed(lambda: on_a_pool(sizes))
        assert result == expected
        print("{:9.2f} ms alone".format(1e3 * alone), end=", ")
        print("{:9.2f} ms on 2 processes".format(1e3 * both))
        assert n > 1_000 or both > alone, "starting takes longer"
