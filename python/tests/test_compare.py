"""`compare`, `darts`, and what a notebook makes of them."""

import contextlib
import os
import pickle
import sysconfig
import threading
from pathlib import Path

import pytest

import pi_mc

PROGRAM = Path(sysconfig.get_path("scripts"), "pi-mc")


@pytest.fixture(scope="module")
def comparison():
    return pi_mc.compare(["threads", "race", "lock"], 10**6, [1, 2], runs=2, warmup=0, seed=42)


def test_rows_are_flat_and_have_serial_first(comparison):
    rows = comparison.rows
    assert len(rows) == 7 and rows[0]["strategy"] == "serial"
    assert all(not isinstance(value, (dict, list)) for row in rows for value in row.values())
    assert {row["hits"] for row in rows if row["strategy"] in ("serial", "threads", "lock")} == {785_725}
    assert {row["runs"] for row in rows} == {2}
    # The interval is unknown on a busy machine.
    assert rows[1]["speed_up"] > 0 and {"speed_up_low", "speed_up_high"} <= rows[1].keys()


def test_pandas_reads_the_rows(comparison):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(comparison.rows)
    assert list(frame["strategy"].unique()) == ["serial", "threads", "race", "lock"]
    assert frame["mean_s"].dtype == float


def test_a_comparison_is_a_table_and_pictures(comparison):
    html = comparison._repr_html_()
    assert "<table>" in html and html.count("<tr>") == 8
    assert "serial" in str(comparison)
    assert comparison.plot().svg.startswith("<svg")
    assert comparison.timeline().svg.startswith("<svg")


def test_a_comparison_survives_json_and_pickle(comparison):
    for again in [pi_mc.Comparison.from_json(comparison.to_json()), pickle.loads(pickle.dumps(comparison))]:
        assert again.rows == comparison.rows
    for text in ["", "{}", comparison.to_json().replace('"serial_hits":785725', '"serial_hits":985725')]:
        with pytest.raises(pi_mc.InvalidError):
            pi_mc.Comparison.from_json(text)


def test_several_numbers_of_darts_are_one_comparison():
    comparison = pi_mc.compare("pool", [10**5, 10**4], 2, runs=2, seed=42)
    assert [row["sims"] for row in comparison.rows] == [10**4, 10**4, 10**5, 10**5]
    assert comparison.plot().svg.startswith("<svg")
    assert len(comparison.to_json().splitlines()) == 2
    with pytest.raises(pi_mc.InvalidError, match="one number of darts"):
        comparison.timeline()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux pins workers")
@pytest.mark.parametrize("pin", [True, False])
def test_the_timeline_of_a_pinned_comparison_is_pinned(pin):
    if len(os.sched_getaffinity(0)) == 1:
        pytest.skip("with one core, every thread is on it")
    # Each worker waits twice for 0.2 s, long enough to be seen.
    comparison = pi_mc.compare("threads", 4 * 65_536, 2, runs=1, warmup=0, io_wait=0.2, seed=42, pin=pin)
    least = []
    is_over = threading.Event()

    def watch():
        while not is_over.wait(0.01):
            for task in os.listdir("/proc/self/task"):
                with contextlib.suppress(OSError):  # a thread that has ended
                    least.append(len(os.sched_getaffinity(int(task))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        comparison.timeline()
    finally:
        is_over.set()
        thread.join()
    assert (min(least) == 1) == pin


@pytest.mark.parametrize("asked", [dict(runs=True), dict(warmup=True), dict(sims=[True]), dict(io_wait=True), dict(pin=1)])
def test_arguments_of_the_wrong_type_are_named(asked):
    [name] = asked
    with pytest.raises(TypeError, match=name):
        pi_mc.compare(**asked)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (dict(strategies=["fork"]), "there is no strategy 'fork', only serial, pool,"),
        (dict(strategies=["pool", "pool"]), "pool twice"),
        (dict(strategies=[]), "strategies is empty"),
        (dict(workers=[1, 0]), "from 1 to 4096"),
        (dict(runs=0), "from 1 to 10000"),
        (dict(scaling="none"), "expected 'strong' or 'weak'"),
        (dict(io_wait=-1.0), "expected seconds, 0 or more"),
        (dict(kernel="fast"), "this CPU has no kernel 'fast'"),
        (dict(sims=2**63, workers=[4], scaling="weak"), "must stay below 2^64"),
    ],
)
def test_impossible_comparisons_are_refused_in_words(asked, words):
    with pytest.raises(pi_mc.InvalidError) as caught:
        pi_mc.compare(**asked)
    assert words in str(caught.value)


def test_processes_need_the_program():
    if PROGRAM.exists():
        rows = pi_mc.compare("processes", 10**6, 2, runs=1, seed=42).rows
        assert rows[1]["hits"] == 785_725
    else:
        with pytest.raises(pi_mc.FailedError, match="needs the program pi-mc"):
            pi_mc.compare("processes", 10**6, 2, runs=1)


def test_darts_are_those_that_were_counted():
    pytest.importorskip("numpy")
    x, y, hit = pi_mc.darts(42, 100_000)
    assert (x.dtype, y.dtype, hit.dtype) == ("f8", "f8", "?")
    assert hit.sum() == pi_mc.estimate(100_000, seed=42).hits
    assert ((x * x + y * y <= 1) == hit).all()
    assert abs(x).max() < 1 and x.flags.writeable
    _, _, later = pi_mc.darts(42, 40_000, first=60_000)
    assert (later == hit[60_000:]).all()
    with pytest.raises(pi_mc.InvalidError):
        pi_mc.darts(42, 0)
    with pytest.raises(pi_mc.InvalidError, match="ends below 2\\^64"):
        pi_mc.darts(42, 10, first=2**64 - 1)
    with pytest.raises(MemoryError):
        pi_mc.darts(42, 10**18)
