"""Monte Carlo pi in NumPy, in blocks that fit the cache: prints the hits, the darts and the seconds of processor time."""

import sys
import time

import numpy

darts, seed = int(sys.argv[1]), int(sys.argv[2])
block = 1 << 15
generator = numpy.random.default_rng(seed)
start = time.process_time()
hits = 0
for _ in range(darts // block):
    x, y = generator.random((2, block))
    hits += numpy.count_nonzero(x * x + y * y <= 1.0)
print(hits, darts // block * block, time.process_time() - start)
