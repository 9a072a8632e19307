"""Lesson 3, lock: right every time, and slower than adding up on one's own."""

import threading
import time

N = 100_000
x = 0
lock = threading.Lock()


def with_a_lock():
    global x
    for _ in range(N):
        with lock:
            x += 1


def own_sum(sums):
    own = 0
    for _ in range(N):
        own += 1
    sums.append(own)


def timed(target, *args):
    threads = [threading.Thread(target=target, args=args) for _ in range(2)]
    start = time.time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.time() - start


for i in range(10):
    x = 0
    locked = timed(with_a_lock)
    print("iteration {}: x = {}".format(i, x))
    assert x == 2 * N
sums = []
own = timed(own_sum, sums)
assert sum(sums) == 2 * N
print("with a lock {:.1f} ms".format(1e3 * locked))
print("own sums    {:.1f} ms".format(1e3 * own))
