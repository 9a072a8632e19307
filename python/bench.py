"""Times the module beside the notebook's own function and process pool, as %timeit does: for docs/benchmarks.md.

Run it where pi_mc, numpy and ipython are installed. Hits are checked before anything is timed.
"""

from concurrent.futures import ProcessPoolExecutor

import numpy as np
from IPython.core.interactiveshell import InteractiveShell

import pi_mc


def compute_pi_python(num_sim, seed):
    np.random.seed(seed)
    x = 2.0 * (np.random.random(size=num_sim) - 0.5)
    y = 2.0 * (np.random.random(size=num_sim) - 0.5)
    inside = np.sum(x * x + y * y <= 1)
    return inside / num_sim * 4


def parallel_compute_pi_python(number_of_threads, num_sim):
    pool = ProcessPoolExecutor(number_of_threads)
    results = pool.map(
        compute_pi_python, [int(num_sim / number_of_threads)] * number_of_threads, range(number_of_threads)
    )
    return sum(results) / number_of_threads


CALLS = [
    "compute_pi_python(10**7, 0)",
    "parallel_compute_pi_python(4, 10**7)",
    "pi_mc.estimate(10**7, seed=0, workers=1)",
    "pi_mc.estimate(10**7, seed=0)",
    "pi_mc.estimate(1000, seed=0)",
]


def microseconds(seconds):
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.3g} ms"


if __name__ == "__main__":
    assert pi_mc.estimate(10**7, seed=0).hits == 7_853_126
    machine = pi_mc.estimate(1000, seed=0).to_dict()["machine"]
    print(f"{machine['cpu']}, {machine['cores']} cores, kernel {machine['kernel']}, {machine['started'][:10]}\n")
    print("| call | best | mean of 7 |\n|---|---|---|")
    shell = InteractiveShell.instance()
    shell.user_ns.update(globals())
    for call in CALLS:
        timed = shell.run_line_magic("timeit", f"-o -q -r 7 {call}")
        print(f"| `{call}` | {microseconds(timed.best)} | {microseconds(timed.average)} |")
