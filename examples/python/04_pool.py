"""Lesson 4, pool: results come as tasks finish; map gives them in order."""

import time
from concurrent.futures import ThreadPoolExecutor, as_completed


def task(n):
    time.sleep(0.5 if n == 0 else 0.02)
    return n


with ThreadPoolExecutor(4) as pool:
    futures = [pool.submit(task, n) for n in range(20)]
    completed = [future.result() for future in as_completed(futures)]
    in_order = list(pool.map(task, range(20)))
print("as completed:", completed)
print("by map:      ", in_order)
assert completed.index(0) > 5, "others pass a slow task"
assert in_order == sorted(completed) == list(range(20))
