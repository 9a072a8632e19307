"""`estimate`, `Walk` and results. Hits are those of the dart contract."""

import copy
import math
import os
import pickle
import re
import signal
import statistics
import threading
import time
import timeit

import pytest

import pi_mc

HITS = {(7, 1): 1, (42, 65_537): 51_739, (42, 10**6): 785_725, (2**64 - 1, 10**6): 785_239, (0, 10**7): 7_853_126}


def test_the_hits_are_those_of_the_contract():
    for (seed, sims), hits in HITS.items():
        assert pi_mc.estimate(sims, seed=seed).hits == hits
    for workers in (1, 2, 3, 7):
        assert pi_mc.estimate(1e6, workers=workers, seed=42).hits == 785_725
    assert pi_mc.estimate(1e6, seed=42, kernel="portable").hits == 785_725


def test_a_result_says_how_it_was_made():
    result = pi_mc.estimate(10**6, seed=42, workers=2)
    assert (result.pi, result.sims, result.seed, result.first) == (3.1429, 10**6, 42, 0)
    assert result.std_error == pytest.approx(4 * math.sqrt(result.pi / 4 * (1 - result.pi / 4) / 10**6))
    low, high = result.ci95
    assert low < result.pi < high
    assert result.workers == 2 and isinstance(result.kernel, str) and not result.partial
    assert result.elapsed_s > 0 and result.sims_per_s == pytest.approx(10**6 / result.elapsed_s)
    assert float(result) == result.pi
    assert repr(result) == "Result(pi=3.1429, std_error=0.0016, hits=785725, sims=1000000, seed=42)"
    assert "785,725" in str(result)
    assert "<td style=\"text-align:left\">785,725</td>" in result._repr_html_()
    assert result.to_dict()["hits"] == 785_725


def test_a_result_survives_json_and_pickle():
    for result in [
        pi_mc.estimate(10**6, seed=42),
        pi_mc.estimate(10**6, seed=42, shard=(2, 3)),
        pi_mc.estimate(seed=42, range=range(7, 1000)),
        pi_mc.estimate(10**12, seed=42, method="lazy"),
    ]:
        for again in [pickle.loads(pickle.dumps(result)), copy.deepcopy(result)]:
            assert again == result and hash(again) == hash(result)
            assert again.to_json() == result.to_json()
    result = pi_mc.estimate(1000, seed=42)
    assert pi_mc.Result.from_json(result.to_json()) == result
    assert result != pi_mc.estimate(1000, seed=43)
    with pytest.raises(ValueError, match="do not follow|standard deviations|pi"):
        pi_mc.Result.from_json(result.to_json().replace('"hits":790', '"hits":990'))
    with pytest.raises(pi_mc.InvalidError, match="not a saved result"):
        pi_mc.Result.from_json("{")


def test_a_seed_is_drawn_and_can_be_given_again():
    first, second = pi_mc.estimate(1000), pi_mc.estimate(1000)
    assert first.seed != second.seed and first.seed < 2**53
    assert pi_mc.estimate(1000, seed=first.seed).hits == first.hits


WHOLE = "expected a whole number from 1 to 2\\^64-1"


@pytest.mark.parametrize("sims", [0, -1, 1.5, 2**64, 2.0**64, 1e30, math.nan, math.inf, -0.5])
def test_numbers_out_of_range_say_the_range(sims):
    with pytest.raises(ValueError, match=WHOLE) as caught:
        pi_mc.estimate(sims)
    assert isinstance(caught.value, pi_mc.Error)


@pytest.mark.parametrize("sims", [True, "1e7", [1], 1j, b"1"])
def test_other_types_are_type_errors(sims):
    with pytest.raises(TypeError, match=WHOLE):
        pi_mc.estimate(sims)


def test_the_largest_numbers_are_taken():
    last = 2**64 - 1
    assert pi_mc.estimate(1, seed=last).seed == last
    assert pi_mc.estimate(range=(last - 1, last), seed=0).sims == 1
    assert pi_mc.estimate(last, seed=1, method="lazy").sims == last


def test_numpy_numbers_are_numbers():
    numpy = pytest.importorskip("numpy")
    for sims in (numpy.int64(10**6), numpy.uint64(10**6), numpy.float64(1e6)):
        assert pi_mc.estimate(sims, seed=numpy.uint8(42)).hits == 785_725
    with pytest.raises(TypeError):
        pi_mc.estimate(numpy.bool_(True))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (dict(workers=0), "workers=0: expected a whole number from 1 to 4096"),
        (dict(workers=4097), "from 1 to 4096"),
        (dict(seed=-1), "seed=-1: expected a whole number from 0 to 2^64-1"),
        (dict(seed=2**64), "from 0 to 2^64-1"),
        (dict(kernel="fast"), "this CPU has no kernel 'fast'"),
        (dict(time_limit=0), "time_limit=0: expected seconds above 0"),
        (dict(time_limit=math.nan), "expected seconds above 0"),
        (dict(target_error=0.0), "expected a number above 0"),
        (dict(shard=(0, 4)), "shards are numbered from 1/4 to 4/4"),
        (dict(shard=(5, 4)), "shards are numbered from 1/4 to 4/4"),
        (dict(range=range(5, 5)), "a range holds at least 1 dart"),
        (dict(range=range(0, 10, 2)), "without a step"),
        (dict(range=(0, 10), sims=10), "leave out sims and shard"),
        (dict(method="quick"), "expected 'darts' or 'lazy'"),
        (dict(method="lazy", workers=2), "workers is for darts that are thrown"),
    ],
)
def test_impossible_values_are_refused_in_words(asked, words):
    with pytest.raises(pi_mc.InvalidError) as caught:
        pi_mc.estimate(**asked)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "asked",
    [
        dict(time_limit="1s"),
        dict(time_limit=True),
        dict(target_error=True),
        dict(workers=True),
        dict(seed=True),
        dict(range=5),
        dict(range=(0, True)),
        dict(shard=(True, 2)),
    ],
)
def test_arguments_of_the_wrong_type_are_named(asked):
    [name] = asked
    with pytest.raises(TypeError, match=name):
        pi_mc.estimate(**asked)


def test_limits_end_a_run_that_is_whole():
    timed = pi_mc.estimate(seed=42, time_limit=0.3)
    assert timed.sims > 0 and not timed.partial
    one, three = (pi_mc.estimate(seed=42, target_error=1e-4, workers=workers) for workers in (1, 3))
    assert one.std_error <= 1e-4 and (one.sims, one.hits) == (three.sims, three.hits)
    # A part of a run that is to be merged is whole only at its end.
    assert pi_mc.estimate(10**13, seed=42, shard=(1, 2), time_limit=0.1).partial


def test_a_walk_gives_results_on_the_way():
    results = list(pi_mc.Walk(10**7, seed=0, workers=2))
    assert results[-1].hits == 7_853_126 and not results[-1].partial
    assert all(result.partial for result in results[:-1])
    walk = iter(pi_mc.Walk(10**13, seed=42))
    first, second = next(walk), next(walk)
    assert first.partial and first.sims < second.sims < 10**13
    assert pi_mc.estimate(first.sims, seed=42).hits == first.hits
    with pytest.raises(ValueError, match=WHOLE):
        pi_mc.Walk(0)


def test_a_picture_fits_a_cell_and_is_saved(tmp_path):
    plot = pi_mc.estimate(10**6, seed=42).plot()
    head, body = plot.svg.split(">", 1)
    cell = plot._repr_svg_()
    assert cell.startswith("<svg") and cell.endswith(body)
    assert " width=" in head and " viewBox=" in head
    assert cell.removesuffix(body) == re.sub(' (width|height)="[0-9]+"', "", head) + ">"
    path = tmp_path / "run.svg"
    plot.save(path)
    assert path.read_text(encoding="utf-8") == plot.svg
    with pytest.raises(OSError):
        plot.save(tmp_path / "none" / "run.svg")
    assert pi_mc.estimate(10**6, method="lazy").plot().svg.startswith("<svg")


def test_a_short_run_takes_less_than_100_microseconds():
    assert min(timeit.repeat(lambda: pi_mc.estimate(1000, seed=0), number=100, repeat=10)) / 100 < 100e-6


def seconds_from_ctrl_c_to_the_end(endless, delay):
    sent = []

    def interrupt():
        time.sleep(delay)
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        endless()
    end = time.perf_counter()
    thread.join()
    return end - sent[0]


# Two of its chunks wait one after the other, so that a run takes 0.2 s on any machine.
WAITING = dict(sims=2 * 65_536, workers=1, io_wait=0.1, seed=42)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to oneself")
@pytest.mark.parametrize(
    ("endless", "limit"),
    [
        (lambda: pi_mc.estimate(10**15), 0.2),
        (lambda: list(pi_mc.Walk(10**15)), 0.2),
        (lambda: pi_mc.darts(42, 10**8), 0.2),
        (lambda: pi_mc.compare(["threads"], runs=10_000, **WAITING), 0.4),
    ],
    ids=["estimate", "Walk", "darts", "compare"],
)
def test_ctrl_c_ends_it_and_the_next_run_counts(endless, limit):
    """In `compare` the run at hand is completed. The median, since other programs may keep the cores busy; after
    different delays, since a step takes about 0.1 s."""
    if "darts" in endless.__code__.co_names:
        pytest.importorskip("numpy")
    delays = [0.2, 0.23, 0.26, 0.29, 0.32]
    assert statistics.median(seconds_from_ctrl_c_to_the_end(endless, delay) for delay in delays) < limit
    assert pi_mc.estimate(10**6, seed=42).hits == 785_725


@pytest.mark.parametrize(
    "count",
    [
        lambda: pi_mc.estimate(10**15, workers=1, time_limit=0.3),
        lambda: next(pi_mc.Walk(10**15, workers=1)),
        lambda: pi_mc.compare(["threads"], runs=1, warmup=0, **WAITING),
        lambda: pi_mc.estimate(2 * 10**9, seed=42).plot(),
    ],
    ids=["estimate", "Walk", "compare", "plot"],
)
def test_threads_of_python_go_on_while_it_counts(count):
    """If it kept the interpreter's lock, nothing would tick for a step, which takes about a tenth of a second."""
    ticks = []
    is_over = threading.Event()

    def tick():
        while not is_over.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        start = time.perf_counter()
        count()
        end = time.perf_counter()
    finally:
        is_over.set()
        thread.join()
    during = [start, *(at for at in ticks if start < at < end), end]
    longest = max(later - earlier for earlier, later in zip(during, during[1:]))
    assert longest < (end - start) / 2
