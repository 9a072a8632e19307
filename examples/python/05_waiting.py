"""Lesson 5, waiting: threads overlap waits in spite of the lock.

Beside a thread that computes, a short wait takes 5 ms longer.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor


def page(_):
    time.sleep(0.02)


def timed(work):
    start = time.time()
    work()
    return time.time() - start


def short_waits():
    for _ in range(50):
        time.sleep(0.0002)


def fetch_with_threads():
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(page, range(50)))


one_by_one = timed(lambda: [page(i) for i in range(50)])
threads = timed(fetch_with_threads)
print("50 pages: {:.2f} s one by one".format(one_by_one))
print("          {:.2f} s on 8 threads".format(threads))
assert threads < one_by_one / 2

alone = timed(short_waits) / 50
done = False


def compute():
    while not done:
        pass


thread = threading.Thread(target=compute)
thread.start()
beside = timed(short_waits) / 50
done = True
thread.join()
print("a wait of 0.2 ms: {:.1f} ms alone".format(1e3 * alone))
print("                  {:.1f} ms beside a thread".format(1e3 * beside))
has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
assert not has_gil or beside > 0.004, "the lock is handed over after 5 ms"
