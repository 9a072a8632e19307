#!/usr/bin/env python3
"""Time pi-mc beside other programs on one core, in turn, and print a table.

    benches/peers/run.py [ROUNDS]       needs gcc and g++; leaves out NumPy and Numba where they are not installed

The rate is darts per second of processor time, which a busy machine changes little. Each figure is the best round's.
The program must be built: cargo build --release.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parent.parent / "target" / "peers"
PI_MC = HERE.parent.parent / "target" / "release" / "pi-mc"
SEED = 1
FLAGS = ["-O3", "-march=native", "-fopenmp"]


def output(*command, threads=1):
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "NUMBA_NUM_THREADS": str(threads)}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def peer(*command):
    """A peer that prints its hits, darts and seconds."""

    def run(darts, threads):
        hits, thrown, seconds = output(*command, str(darts), str(SEED), threads=threads).split()
        return int(hits), int(thrown), float(seconds)

    return run


def pi_mc(darts, threads):
    options = ["-n", str(darts), "-s", str(SEED), "-w", str(threads), "--format", "json"]
    record = json.loads(output(PI_MC, *options))
    return record["hits"], record["sims"], record["cpu_s"]


def has(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode == 0


def peers():
    """Each program's name, bits a dart, darts a run, and function."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for compiler, source in [("gcc", "vectors.c"), ("g++", "plain.cpp")]:
        output(compiler, *FLAGS, "-o", BUILT / Path(source).stem, HERE / source)
    if has("numpy"):
        yield "NumPy, PCG64", 128, 20_000_000, peer(sys.executable, HERE / "numpy_darts.py")
    if has("numba"):
        yield "Numba, `prange`, its MT19937", 128, 20_000_000, peer(sys.executable, HERE / "numba_darts.py")
    yield "C++, OpenMP, `std::mt19937_64`", 128, 20_000_000, peer(BUILT / "plain")
    yield "C, OpenMP, xoshiro256+ by AVX-512", 64, 1_000_000_000, peer(BUILT / "vectors")
    yield "pi-mc", 32, 1_000_000_000, pi_mc


def main(rounds=10):
    programs = list(peers())
    best = {}
    for _ in range(rounds):
        for name, _, darts, run in programs:
            hits, thrown, seconds = run(darts, 1)
            assert abs(hits / thrown - 0.785398) < 1e-3, f"{name} counts {hits} of {thrown}"
            best[name] = max(best.get(name, 0), thrown / seconds / 1e9)
    print("| program | bits a dart | G darts/s | of pi-mc's | the same hits on 1, 2 and 3 threads |")
    print("|---|---|---|---|---|")
    for name, bits, darts, run in programs:
        hits = {run(darts // 10, threads)[0] for threads in (1, 2, 3)}
        same = "one thread" if name.startswith("NumPy") else "yes" if len(hits) == 1 else "no"
        print(f"| {name} | {bits} | {best[name]:.3f} | {best[name] / best['pi-mc']:.3f} | {same} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
