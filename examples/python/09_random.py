"""Lesson 9, random: a fork copies the generator.

A stream for each piece of the work does not depend on the workers.
"""

import multiprocessing
import random
from concurrent.futures import ThreadPoolExecutor

generator = random.Random(7)


def copied(results):
    results.put(generator.random())


def piece(number):
    """The hits of a piece, whose stream depends on its number alone."""
    own = random.Random("seed 7, piece {}".format(number))
    darts = ((own.random(), own.random()) for _ in range(10_000))
    return sum(x * x + y * y <= 1 for x, y in darts)


if __name__ == "__main__":
    if "fork" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("fork")
        results = context.Queue()
        processes = [
            context.Process(target=copied, args=(results,)) for _ in range(4)
        ]
        for process in processes:
            process.start()
        first = [results.get() for _ in processes]
        for process in processes:
            process.join()
        print("four forks of one generator:", first)
        assert len(set(first)) == 1

    hits = []
    for workers in (1, 2, 4, 7):
        with ThreadPoolExecutor(workers) as pool:
            hits.append(sum(pool.map(piece, range(20))))
    print("hits on 1, 2, 4 and 7 workers:", hits)
    assert len(set(hits)) == 1
    # With NumPy: numpy.random.SeedSequence(7).spawn(20), one for each piece.
