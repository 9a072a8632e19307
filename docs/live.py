#!/usr/bin/env python3
"""Draws docs/live.svg: a real screen of pi-mc --live.

Usage: docs/live.py PI_MC [COMMAND...] > docs/live.svg

Runs `PI_MC --live -s 42`, or the command, in a tmux of 100 by 30 for a few seconds, reads the cells of its screen with
their colours, and draws each of them: braille as dots, since fonts differ, the borders as lines, the rest as text.
Needs tmux.
"""

import re
import subprocess
import sys
import time
from html import escape

COLUMNS, ROWS, SECONDS = 100, 30, 6
WIDTH, HEIGHT, MARGIN = 8, 16, 12  # of a cell, and around the screen
BACK, FRONT, DIM = "#0d1117", "#e6edf3", "#8b949e"
COLOURS = {71: "#5faf5f", 74: "#5fafd7", 166: "#f0883e"}  # 166 a little lighter, on this background
# To the right, below, left and above the middle of a cell.
BORDERS = {"─": "1010", "│": "0101", "┌": "1100", "┐": "0110", "└": "1001", "┘": "0011"}
DOTS = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]


def screen(command):
    """The lines of the screen, with escape sequences."""
    tmux = ["tmux", "-L", "pi-mc-picture", "-f", "/dev/null"]
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    try:
        subprocess.run([*tmux, "-u", "new-session", "-d", *size, *command], check=True)
        time.sleep(SECONDS)
        shown = subprocess.run([*tmux, "capture-pane", "-e", "-p", "-N"], check=True, capture_output=True, text=True)
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
    return shown.stdout.split("\n")[:ROWS]


def cells(lines):
    """The row, the column, the letter, the colour and the other styles of each cell that is not empty."""
    colour, styles = None, frozenset()
    for row, line in enumerate(lines):
        column = 0
        for codes, letter in re.findall(r"\x1b\[([\d;]*)m|(.)", line):
            if letter:
                if letter != " " or styles & {"7", "4"}:
                    yield row, column, letter, colour, styles
                column += 1
                continue
            codes = (codes or "0").split(";")
            while codes:
                code = codes.pop(0)
                if code == "0":
                    colour, styles = None, frozenset()
                elif code == "38":
                    colour, codes = COLOURS[int(codes[1])], codes[2:]
                elif code == "39":
                    colour = None
                else:
                    styles |= {code}


def draw(lines):
    dots, strokes, bars, texts = {}, {}, [], []
    for row, column, letter, colour, styles in cells(lines):
        x, y = MARGIN + column * WIDTH, MARGIN + row * HEIGHT
        ink = colour or (DIM if "2" in styles else FRONT)
        if "\u2800" < letter <= "\u28ff":
            bits = ord(letter) - 0x2800
            at = [(x + 4 * dx + 2, y + 4 * dy + 2) for i, (dx, dy) in enumerate(DOTS) if bits >> i & 1]
            dots.setdefault((ink, "1" in styles), []).extend(at)
        elif letter in BORDERS:
            middle = f"M{x + WIDTH // 2} {y + HEIGHT // 2}"
            ways = zip(BORDERS[letter], ["h4", "v8", "h-4", "v-8"])
            strokes.setdefault(ink, []).extend(middle + way for is_there, way in ways if is_there == "1")
        elif letter in "█░":
            last = bars[-1] if bars else None
            if last and last[1:] == [y, ink, letter] and last[0][1] == x:
                last[0] = (last[0][0], x + WIDTH)
            else:
                bars.append([(x, x + WIDTH), y, ink, letter])
        else:
            last = texts[-1] if texts else None
            style = (ink, "1" in styles, "4" in styles, "7" in styles)
            if last and (last[1], last[2]) == (y, style) and last[0] + len(last[3]) * WIDTH == x:
                last[3] += letter
            else:
                texts.append([x, y, style, letter])

    width, height = COLUMNS * WIDTH + 2 * MARGIN, ROWS * HEIGHT + 2 * MARGIN
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    yield "<title>pi-mc --live</title>"
    yield f'<rect width="{width}" height="{height}" rx="8" fill="{BACK}"/>'
    yield '<g fill="none" stroke-linecap="round">'
    for ink, ways in strokes.items():
        yield f'<path stroke="{ink}" opacity=".6" d="{"".join(ways)}"/>'
    for (ink, is_bold), points in dots.items():
        path, before = "", None
        for x, y in points:
            path += f"M{x} {y}h0" if before is None else f"m{x - before[0]} {y - before[1]}h0"
            before = x, y
        size = 3 if is_bold else 2.4 if ink != DIM else 1.6
        yield f'<path stroke="{ink}" stroke-width="{size}" d="{path}"/>'
    yield "</g>"
    for (start, end), y, ink, letter in bars:
        opacity = "" if letter == "█" else ' opacity=".25"'
        yield f'<rect x="{start}" y="{y + 2}" width="{end - start}" height="12" fill="{ink}"{opacity}/>'
    yield '<g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="13.3">'
    for x, y, (ink, is_bold, is_underlined, is_reversed), text in texts:
        length = len(text) * WIDTH
        if is_reversed:
            yield f'<rect x="{x}" y="{y}" width="{length}" height="{HEIGHT}" fill="{FRONT}"/>'
            ink = BACK
        if is_underlined:
            yield f'<path stroke="{ink}" stroke-width="1.5" d="M{x} {y + 14.5}h{length}"/>'
        bold = ' font-weight="bold"' if is_bold else ""
        # An ordinary space at an end would not count.
        text, length = text.rstrip(), len(text.rstrip()) * WIDTH
        yield f'<text x="{x}" y="{y + 12}" fill="{ink}"{bold} textLength="{length}" xml:space="preserve">{escape(text)}</text>'
    yield "</g>"
    yield "</svg>"


if __name__ == "__main__":
    program, *rest = sys.argv[1:]
    command = [program, *(rest or ["--live", "-s", "42"])]
    print("\n".join(draw(screen(command))))
