"""Lesson 1, threads: one process id says nothing about cores."""

import os
import sys
import threading
import time

WORK = 2_000_000


def task():
    print("{}: process {}".format(threading.current_thread().name, os.getpid()))
    for _ in range(WORK):
        pass


has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
threads = [threading.Thread(target=task, name="t{}".format(i)) for i in range(4)]
start, cpu = time.time(), time.process_time()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
cores = (time.process_time() - cpu) / (time.time() - start)
print("cores at work: {:.2f}, interpreter lock: {}".format(cores, has_gil))
assert not has_gil or cores < 1.5, "with the lock one thread computes at a time"
