"""Lesson 1, threads: one process id says nothing about cores."""

import os
import sys
import threading
import time

WORK = 2_000_000


def task():
    name = threading.current_thread().name
    print("{}: process {}".format(name, os.getpid()))
    for _ in range(WORK):
        pass


has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
names = ["t1", "t2", "t3", "t4"]
threads = [threading.Thread(target=task, name=name) for name in names]
start, cpu = time.time(), time.process_time()
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
cores = (time.process_time() - cpu) / (time.time() - start)
print("cores at work: {:.2f}, interpreter lock: {}".format(cores, has_gil))
assert not has_gil or cores < 1.5, "one computes at a time"
