"""Shards, merges and averages, in threads, processes and on Dask."""

import concurrent.futures
import multiprocessing
import os
import signal

import pytest

import pi_mc

WHOLE = 785_725  # of the first million darts of seed 42


def shard(number, of=8):
    return pi_mc.estimate(10**6, seed=42, workers=1, shard=(number, of))


def test_shards_add_up_to_one_run():
    merged = pi_mc.merge(shard(i) for i in (3, 1, 2, 8, 7, 6, 5, 4))
    assert (merged.hits, merged.sims, merged.partial) == (WHOLE, 10**6, False)
    assert merged.workers is None and merged.elapsed_s is None
    assert merged.plot().svg.startswith("<svg")


def test_what_is_missing_can_be_counted():
    shards = [shard(i) for i in (1, 3, 4, 8)]
    with pytest.raises(pi_mc.MissingError, match="% of 1000000 darts are there; missing: darts 131072 to"):
        pi_mc.merge(shards)
    gaps = pi_mc.missing(shards)
    assert all(isinstance(gap, range) for gap in gaps)
    partial = pi_mc.merge(shards, partial=True)
    assert partial.partial and partial.sims + sum(map(len, gaps)) == 10**6
    rest = [pi_mc.estimate(seed=42, range=gap) for gap in gaps]
    assert pi_mc.merge(shards + rest).hits == WHOLE
    assert pi_mc.missing(shards + rest) == []


def test_results_that_do_not_add_up_are_named():
    with pytest.raises(pi_mc.MergeError, match=r"results\[0\] .* and results\[1\] .* overlap"):
        pi_mc.merge([shard(1), shard(1)])
    with pytest.raises(pi_mc.MergeError, match="only one seed's darts add up"):
        pi_mc.merge([shard(1), pi_mc.estimate(1000, seed=1)])
    with pytest.raises(pi_mc.MergeError, match="no saved result"):
        pi_mc.merge([])
    with pytest.raises(TypeError):
        pi_mc.merge([1])
    with pytest.raises(pi_mc.MergeError):
        pi_mc.merge([pi_mc.estimate(1000, seed=1, method="lazy")])


def test_an_average_is_that_of_the_estimates():
    results = [pi_mc.estimate(10**6, seed=seed) for seed in range(4)]
    average = pi_mc.average(results)
    assert float(average) == pytest.approx(sum(map(float, results)) / 4)
    assert average.sims == 4 * 10**6 and len(average.to_dict()["runs"]) == 4
    assert average.std_error == pytest.approx(results[0].std_error / 2, rel=0.01)
    with pytest.raises(pi_mc.MergeError, match="overlap"):
        pi_mc.average([results[0], results[0]])


def test_a_pool_of_threads_gives_the_hits_of_one_run():
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert pi_mc.merge(pool.map(shard, range(1, 9))).hits == WHOLE


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_pool_of_processes_gives_the_hits_of_one_run(method):
    """The parent has counted on several threads before, which a fork does not copy."""
    pi_mc.estimate(10**7, workers=4)
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert pi_mc.merge(pool.map(shard, range(1, 9))).hits == WHOLE
        # And on several threads in the child.
        assert pool.submit(pi_mc.estimate, 10**7, workers=4, seed=0).result().hits == 7_853_126


def die():
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.filterwarnings("ignore")
def test_dask_gives_the_hits_of_one_run_also_after_a_worker_was_killed():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None
    ) as cluster, distributed.Client(cluster) as client:
        results = client.map(shard, range(1, 9), pure=False)
        assert pi_mc.merge(client.gather(results)).hits == WHOLE
        # The killed worker's results are lost, and Dask counts them again on the others.
        results = client.map(shard, range(1, 9), pure=False)
        distributed.wait(results)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        assert pi_mc.merge(client.gather(results)).hits == WHOLE
