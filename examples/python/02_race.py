"""Lesson 2, race: += is a load, an addition and a store.

A switch in between loses what the other thread stored.
"""

import sys
import threading

N = 1_000_000
x = 0


def one():
    return 1


def in_one_expression():
    global x
    for _ in range(N):
        x += 1


def with_a_call():
    global x
    for _ in range(N):
        x = x + one()


def lost(task):
    global x
    x = 0
    threads = [threading.Thread(target=task) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 2 * N - x


has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
losses = [lost(with_a_call) for _ in range(10)]
print("x = x + one() lost", losses)
assert any(losses), "Python switches at a call, between the load and the store"
losses = [lost(in_one_expression) for _ in range(3)]
print("x += 1        lost", losses)
# From 3.10 on it looks for a switch at fewer places, and not here. That is how
# it is made, and no promise.
assert not has_gil or sys.version_info < (3, 10) or not any(losses)
