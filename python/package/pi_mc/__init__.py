"""Estimate pi by the Monte Carlo method, with the same hits for any number of workers, machines or CPU types.

>>> import pi_mc
>>> pi_mc.estimate(10**6, seed=42).hits  # on every machine
785725

`estimate` throws darts, `Walk` shows them while they fly, `merge` adds up the shards of a run, `compare` times
serial against parallel, and `darts` says where single darts land. All of them release the interpreter's lock while
they count.
"""

from ._errors import Error, FailedError, InvalidError, MergeError, MissingError
from ._native import (
    Average,
    Comparison,
    Plot,
    Result,
    Walk,
    __version__,
    average,
    compare,
    darts,
    estimate,
    merge,
    missing,
)

__all__ = [
    "Average",
    "Comparison",
    "Error",
    "FailedError",
    "InvalidError",
    "MergeError",
    "MissingError",
    "Plot",
    "Result",
    "Walk",
    "__version__",
    "average",
    "compare",
    "darts",
    "estimate",
    "merge",
    "missing",
]
