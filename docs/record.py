#!/usr/bin/env python3
"""Runs the commands of README.md and docs/, and writes their outputs into the pages.

    docs/record.py             every page
    docs/record.py PAGE...     these pages

In a block that begins with ```console every line that begins with "$ " is a command; the lines below it are what it
printed, stdout first. A backslash at the end of a line continues the command. The commands of a page run in one new
folder, in the order of the page. A picture that they make there replaces the one of the same name in docs/.

A block that begins with ```console measured shows times. It is recorded only while the machine is quiet: as long as
every worker of a short run gets 0.95 of a core, before the block and after it. Where the machine is never quiet, or
lacks a tool that the block uses, the block is left as it is and listed at the end.

tests/suite/docs.rs runs the commands of all blocks and compares what they print with the pages; in measured blocks,
only the words.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/fixtures/comparisons"
SAVED = ["laws.json", "later.json"]
# Tools that blocks use and not every machine has.
TOOLS = ["jq", "mpirun", "parallel", "timeout"]
# What not every pi-mc can do: what shows that a block uses it, a command that fails without it, and its name.
PARTS = [
    ("--kernel gpu", "pi-mc verify --kernel gpu --class S", "a pi-mc with a GPU"),
    ("--mpi", "pi-mc --mpi -n 1", "a pi-mc with MPI"),
]
TRIES = 5


def environment():
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = f"{target / 'release'}:{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if name != "PI_MC_WORKERS"}
    return kept | {"PATH": path, "LC_ALL": "C.UTF-8"}


def is_quiet():
    """Whether each worker of a run on all cores gets 0.95 of a core, for a quarter of a second."""
    command = ["pi-mc", "--time-limit", "250ms", "-n", "1e15", "-s", "1", "--format", "json"]
    run = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment()).stdout)
    return run["cpu_s"] / run["elapsed_s"] >= 0.95 * run["workers"]


def lacks(command):
    """What the command uses and this machine does not have, or None."""
    for tool in TOOLS:
        if re.search(rf"\b{tool}\b", command) and not shutil.which(tool):
            return tool
    for shown, trial, name in PARTS:
        if shown in command and subprocess.run(trial.split(), env=environment(), capture_output=True).returncode != 0:
            return name
    return None


def printed(command, folder):
    """What the command prints: stdout, then stderr. File names are relative to the folder."""
    run = subprocess.run(["sh", "-c", command], cwd=folder, env=environment(), capture_output=True, stdin=subprocess.DEVNULL)
    text = (run.stdout + run.stderr).decode()
    text = text.replace(f"{folder}/", "")
    return text if not text or text.endswith("\n") else text + "\n"


def commands(block):
    """The commands of a block, each as it stands there, without outputs."""
    found, is_continued = [], False
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif is_continued:
            found[-1] += "\n" + line
        else:
            continue
        is_continued = line.endswith("\\")
    return found


def record(block, folder):
    return "".join(f"$ {command}\n{printed(command, folder)}" for command in commands(block))


def measure(block, folder):
    """The block as it is printed between two moments in which the machine is quiet, or None."""
    for attempt in range(TRIES):
        copy = Path(tempfile.mkdtemp()) / "page"
        shutil.copytree(folder, copy)
        if is_quiet():
            new = record(block, copy)
            if is_quiet():
                shutil.copytree(copy, folder, dirs_exist_ok=True)
                return new.replace(f"{copy}/", "")
        time.sleep(2)
    return None


def rewrite(page, left):
    folder = Path(tempfile.mkdtemp()).resolve()
    for saved in SAVED:
        shutil.copy(FIXTURES / saved, folder)

    def again(match):
        head, block = match[1], match[2]
        missing = next(filter(None, map(lacks, commands(block))), None)
        if missing:
            left.append(f"{page.name}: {commands(block)[0]}: this machine lacks {missing}")
            return match[0]
        new = measure(block, folder) if "measured" in head else record(block, folder)
        if new is None:
            left.append(f"{page.name}: {commands(block)[0]}: the machine was never quiet")
            return match[0]
        return f"{head}\n{new}```"

    text = re.sub(r"(?ms)^(```console(?: measured)?)\n(.*?)^```$", again, page.read_text())
    page.write_text(text)
    for picture in folder.glob("*.svg"):
        if (ROOT / "docs" / picture.name).exists():
            shutil.copy(picture, ROOT / "docs" / picture.name)


def main(names):
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet"], check=True, cwd=ROOT)
    pages = [Path(name) for name in names] or [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    left = []
    for page in pages:
        rewrite(page, left)
    for line in left:
        print("left as it was:", line)


main(sys.argv[1:])
