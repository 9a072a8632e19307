"""Lesson 6, processes: each has its own x, and results must be sent."""

import multiprocessing
import os

x = 0


def worker(results):
    global x
    for _ in range(100_000):
        x += 1
    results.put((os.getpid(), os.getppid(), x))


if __name__ == "__main__":
    results = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=worker, args=(results,))
        for _ in range(4)
    ]
    for process in processes:
        process.start()
    got = [results.get() for _ in processes]
    for process in processes:
        process.join()
    for pid, parent, own in got:
        print("process {}, child of {}: x = {}".format(pid, parent, own))
    print("process {}: x = {}".format(os.getpid(), x))
    print("alive:", [process.is_alive() for process in processes])
    assert x == 0 and sum(own for _, _, own in got) == 400_000
    assert not any(process.is_alive() for process in processes)
