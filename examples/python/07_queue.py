"""Lesson 7, queue: end by a message, not by a look."""

import multiprocessing
import os
import queue
import threading

END = None


def worker(items, received):
    while True:
        item = items.get()
        if item is END:
            break
        received.put((os.getpid(), item))


def look_then_take(items, both_have_looked, steps):
    if not items.empty():
        steps.append("empty? no")
        both_have_looked.wait()
        try:
            steps.append("got {}".format(items.get(timeout=0.2)))
        except queue.Empty:
            steps.append("would wait for ever")


if __name__ == "__main__":
    items, received = multiprocessing.Queue(), multiprocessing.Queue()
    for item in range(20):
        items.put(item)
    processes = [
        multiprocessing.Process(target=worker, args=(items, received))
        for _ in range(4)
    ]
    for process in processes:
        items.put(END)
        process.start()
    all_received = [received.get() for _ in range(20)]
    for process in processes:
        process.join()
    for pid, item in all_received:
        print("process {} received {}".format(pid, item))
    assert sorted(item for _, item in all_received) == list(range(20))

    # Cell 14 of the notebook, with one item, two workers, and a pause between
    # the two calls.
    one_item, steps = queue.Queue(), []
    both_have_looked = threading.Barrier(2)
    one_item.put(19)
    threads = [
        threading.Thread(
            target=look_then_take, args=(one_item, both_have_looked, steps)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(", ".join(steps))
    looked, took = steps[:2], steps[2:]
    assert looked == ["empty? no"] * 2
    assert took == ["got 19", "would wait for ever"]
