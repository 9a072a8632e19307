#!/usr/bin/env python3
"""Prints a picture of the source's folders and of what imports what, as SVG: docs/house.py > docs/house.svg

An arrow from one folder to another means that a file of the first has a `use crate::` line that names the second.
On the left is the way of one dart, from left to right; docs/house.md says what happens at each number.
"""

import re
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent / "src"
# From the top down, and what each is for.
ROOMS = {
    "cli": "what a person types, sees and stops",
    "report": "results as text, tables and pictures",
    "compare": "serial against parallel",
    "verify": "is this machine right?",
    "result": "estimates, records and merges",
    "engine": "threads, cores and GPUs that count",
    "lazy": "draws the hits, throws no dart",
    "kernel": "counts one chunk fast",
    "darts": "what a seed means",
    "error": "what can go wrong below",
}
# One dart's way.
WAY = ["cli", "darts", "engine", "kernel", "darts", "engine", "result", "report", "cli"]
HEIGHT, GAP, LEFT, WIDTH, TOP, STEP = 40, 14, 252, 360, 66, 25


def imports(room):
    """The other rooms that this room's files import from, without unit tests and comments."""
    files = sorted((SOURCE / room).rglob("*.rs")) or [SOURCE / f"{room}.rs"]
    found = set()
    for file in files:
        code = re.sub(r"(?s)#\[cfg\(test\)\]\nmod tests \{.*?\n\}\n", "", file.read_text())
        code = re.sub(r"(?m)^\s*//.*$", "", code)
        if not file.name.endswith("tests.rs"):
            found.update(re.findall(r"\bcrate::(\w+)", code))
    return (found & ROOMS.keys()) - {room}


def top(room):
    return TOP + list(ROOMS).index(room) * (HEIGHT + GAP)


def arrow(upper, lower):
    """An arc on the right of the boxes, wider the further it goes."""
    floors = list(ROOMS).index(lower) - list(ROOMS).index(upper)
    assert floors > 0, f"{upper} imports {lower}, which lies above it"
    start, end, right = top(upper) + HEIGHT - 12, top(lower) + 12, LEFT + WIDTH
    if floors == 1:
        return f'<path d="M{right - 30} {top(upper) + HEIGHT}V{top(lower) - 1}" marker-end="url(#head)"/>'
    reach = right + 20 + 22 * floors
    return f'<path d="M{right} {start}C{reach} {start} {reach} {end} {right + 2} {end}" marker-end="url(#head)"/>'


def way():
    """The dart's way as a line, and a number at each stop."""
    stops = [(32 + STEP * step, top(room) + HEIGHT // 2) for step, room in enumerate(WAY)]
    yield f'<polyline points="{" ".join(f"{x},{y}" for x, y in stops)}"/>'
    for number, (x, y) in enumerate(stops, 1):
        yield f'<circle cx="{x}" cy="{y}" r="10"/><text class="stop" x="{x}" y="{y + 4}">{number}</text>'


def main():
    height = TOP + len(ROOMS) * (HEIGHT + GAP) + 6
    print(f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {height}" font-family="sans-serif" role="img">
<title>Imports go down; a dart goes down and comes back up</title>
<desc>On the left the way of one dart through the folders, in nine steps. On the right the folders of src from the top down, and arrows from each to those that it imports from. All arrows go down.</desc>
<style>
text {{ fill: #1b1f24 }} .small {{ font-size: 13px; fill: #57606a }} .name {{ font-size: 15px; font-weight: 600 }}
rect.room {{ fill: #eef3f8; stroke: #8fa7bf }} rect.page {{ fill: #fff }} path {{ fill: none; stroke: #0072b2; stroke-opacity: .7 }} .head {{ fill: #0072b2; stroke: none }}
polyline {{ fill: none; stroke: #d55e00; stroke-width: 2 }} circle {{ fill: #d55e00 }} text.stop {{ fill: #fff; font-size: 12px; font-weight: 600; text-anchor: middle }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #e6edf3 }} .small {{ fill: #a4aeb9 }} rect.room {{ fill: #1d2733; stroke: #54708c }} rect.page {{ fill: #0d1117 }} path {{ stroke: #56b4e9 }} .head {{ fill: #56b4e9 }}
}}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8Z"/></marker></defs>
<rect class="page" width="860" height="{height}"/>
<text x="22" y="28" font-size="18">One dart’s way</text>
<text class="small" x="22" y="48">from left to right</text>
<text x="{LEFT}" y="28" font-size="18">Imports go down</text>
<text class="small" x="{LEFT}" y="48">Each folder of src imports only from folders below it.</text>""")
    print(*way(), sep="\n")
    for room, purpose in ROOMS.items():
        print(f"""<rect class="room" x="{LEFT}" y="{top(room)}" width="{WIDTH}" height="{HEIGHT}" rx="6"/>
<text class="name" x="{LEFT + 12}" y="{top(room) + 25}">{room}</text>
<text class="small" x="{LEFT + 98}" y="{top(room) + 25}">{purpose}</text>""")
    for room in ROOMS:
        for other in sorted(imports(room), key=list(ROOMS).index):
            print(arrow(room, other))
    print("</svg>")


main()
