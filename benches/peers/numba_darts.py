"""Monte Carlo pi in Numba, a compiled loop on NUMBA_NUM_THREADS threads: prints the hits, the darts and the seconds of
processor time without the compilation."""

import random
import sys
import time

import numba

darts, seed = int(sys.argv[1]), int(sys.argv[2])


@numba.njit(parallel=True)
def count(darts):
    hits = 0
    for _ in numba.prange(darts):
        x, y = random.random(), random.random()
        hits += x * x + y * y <= 1.0
    return hits


@numba.njit(parallel=True)
def sow(seed, threads):
    for thread in numba.prange(threads):
        random.seed(seed + thread)


count(1)
sow(seed, numba.get_num_threads())
start = time.process_time()
hits = count(darts)
print(hits, darts, time.process_time() - start)
