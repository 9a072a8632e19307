#!/usr/bin/env python3
"""Append measurements to a file in benches/record/, each with its machine, date and commit.

    benches/record.py FILE CPU                     the medians that `cargo bench` left in target/criterion
    benches/record.py FILE CPU WHAT VALUE UNIT     one figure, measured in some other way

Medians from before the last commit measured older code and are skipped, as are figures already in FILE.
"""

import csv
import json
import os
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

HEADER = ["date", "cpu", "kernel", "what", "value", "unit", "commit"]
KERNELS = ["avx512", "avx2", "sse4.1", "neon", "portable"]


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def kernel_of(what):
    """The kernel in a benchmark's name, otherwise this CPU's fastest."""
    parts = what.split("/")
    if parts[0] in ("lazy", "half"):
        return "lazy"
    named = [kernel for kernel in KERNELS if kernel in parts]
    if named:
        return named[0]
    run = output("cargo", "run", "--release", "--quiet", "--", "-n", "1", "--format", "json")
    return json.loads(run)["kernel"]


def medians():
    """Every benchmark's name, median, unit and time of measurement, in seconds since 1970."""
    committed = int(output("git", "log", "-1", "--format=%ct"))
    target = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    for estimates in sorted((target / "criterion").rglob("new/estimates.json")):
        benchmark = json.loads(estimates.with_name("benchmark.json").read_text())
        what, measured = benchmark["full_id"], estimates.stat().st_mtime
        if measured < committed:
            print("skipped, measured before the last commit:", what)
            continue
        ns = json.loads(estimates.read_text())["median"]["point_estimate"]
        darts = (benchmark["throughput"] or {}).get("Elements")
        value, unit = (f"{darts / ns:.4f}", "Gdarts/s") if darts else (f"{ns:.1f}", "ns")
        yield what, value, unit, measured


def main(file, cpu, *figure):
    if figure:
        what, value, unit = figure
        float(value)
        found = [(what, value, unit, datetime.now().timestamp())]
    else:
        found = medians()
    commit = output("git", "rev-parse", "--short", "HEAD")
    # Changes to the records themselves do not count.
    if output("git", "diff", "--name-only", "HEAD", "--", ".", ":!benches/record"):
        commit += "-dirty"
    present = [HEADER]
    if os.path.exists(file):
        with open(file, newline="") as old:
            present = list(csv.reader(old))
        if present[0] != HEADER:
            sys.exit(f"{file} has other columns")
    added = []
    for what, value, unit, measured in found:
        date = datetime.fromtimestamp(measured, timezone.utc).date().isoformat()
        row = [date, cpu, kernel_of(what), what, value, unit, commit]
        if row not in present:
            added.append(row)
    with open(file, "a", newline="") as out:
        new = [HEADER] if out.tell() == 0 else []
        csv.writer(out, lineterminator="\n").writerows(new + added)
    print(f"{len(added)} figures added to {file}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 6):
        sys.exit(__doc__)
    main(*sys.argv[1:])
