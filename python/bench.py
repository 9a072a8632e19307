#!/usr/bin/env python3
"""Times the module beside the notebook's own function and process pool, as %timeit does.

    python/bench.py                       prints the table
    python/bench.py docs/benchmarks.md    also writes it into the page, if the machine is quiet

Run it where pi_mc, numpy and ipython are installed. Hits are checked before anything is timed. Quiet means that every
worker of a short run gets 0.95 of a core, before the calls are timed and afterwards.
"""

import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

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


HEADING = "## In Python\n"


def is_quiet():
    run = pi_mc.estimate(10**15, seed=1, time_limit=0.25)
    return run.cpu_s is not None and run.cpu_s / run.elapsed_s >= 0.95 * run.workers


def shown(seconds):
    ms = seconds * 1e3
    return f"{ms * 1e3:.0f} µs" if ms < 1 else f"{ms:.0f} ms" if ms >= 100 else f"{ms:.3g} ms"


def table():
    lines = ["| call | best | mean of 7 |", "|---|---|---|"]
    shell = InteractiveShell.instance()
    shell.user_ns.update(globals())
    for call in CALLS:
        timed = shell.run_line_magic("timeit", f"-o -q -r 7 {call}")
        lines.append(f"| `{call}` | {shown(timed.best)} | {shown(timed.average)} |")
    return "\n".join(lines)


def machine():
    machine = pi_mc.estimate(1000, seed=0).to_dict()["machine"]
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"{machine['cpu']}, {machine['cores']} cores, kernel `{machine['kernel']}`, CPython {python}, "
        f"NumPy {np.__version__}, {machine['started'][:10]}"
    )


def write(page, section):
    """Replaces the section, from its heading to the next one, or adds it to the end."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^{re.escape(HEADING)}.*?(?=^## |\Z)", text)
    if found:
        text = text[: found.start()] + section + text[found.end() :]
    else:
        text = f"{text}\n{section}"
    page.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def main(pages):
    assert pi_mc.estimate(10**7, seed=0).hits == 7_853_126
    was_quiet = is_quiet()
    section = (
        f"{HEADING}\n{machine()}.\n"
        "`%timeit` of the [notebook](notebook.md)'s function and process pool, and of the [module](python.md), by\n"
        f"`python/bench.py`:\n\n{table()}\n\n"
    )
    print(section)
    if not (was_quiet and is_quiet()):
        sys.exit("other programs keep the cores busy: these times are no record")
    for page in pages:
        write(Path(page), section)


if __name__ == "__main__":
    main(sys.argv[1:])
