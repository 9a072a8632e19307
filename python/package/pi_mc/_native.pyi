# The docstrings are in src/, where help() finds them.
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any, Literal, SupportsIndex, TypeAlias, final

import numpy as np
import numpy.typing as npt

__all__ = [
    "Average",
    "Comparison",
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

__version__: str

# A whole number; floats such as 1e7 are taken if they are whole.
_Whole: TypeAlias = SupportsIndex | float
_Kernel: TypeAlias = Literal["auto", "avx512", "avx2", "sse4.1", "neon", "portable"]
_Strategy: TypeAlias = Literal[
    "serial", "pool", "threads", "gil", "queue", "processes", "lock", "atomic", "race", "same-seed"
]
_Range: TypeAlias = range | tuple[_Whole, _Whole]

@final
class Plot:
    @property
    def svg(self) -> str: ...
    def save(self, path: str | PathLike[str]) -> None: ...
    def _repr_svg_(self) -> str: ...

@final
class Result:
    @property
    def pi(self) -> float | None: ...
    @property
    def std_error(self) -> float | None: ...
    @property
    def ci95(self) -> tuple[float, float]: ...
    @property
    def hits(self) -> int: ...
    @property
    def sims(self) -> int: ...
    @property
    def seed(self) -> int: ...
    @property
    def first(self) -> int: ...
    @property
    def workers(self) -> int | None: ...
    @property
    def kernel(self) -> str | None: ...
    @property
    def elapsed_s(self) -> float | None: ...
    @property
    def cpu_s(self) -> float | None: ...
    @property
    def sims_per_s(self) -> float | None: ...
    @property
    def partial(self) -> bool: ...
    def to_json(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...
    @staticmethod
    def from_json(text: str) -> Result: ...
    def plot(self) -> Plot: ...
    def __float__(self) -> float: ...
    def __hash__(self) -> int: ...
    def __eq__(self, other: object, /) -> bool: ...
    def _repr_html_(self) -> str: ...

@final
class Walk:
    def __new__(
        cls,
        sims: _Whole | None = None,
        *,
        workers: _Whole | None = None,
        seed: _Whole | None = None,
        kernel: _Kernel | None = None,
        time_limit: float | None = None,
        target_error: float | None = None,
        shard: tuple[_Whole, _Whole] | None = None,
        range: _Range | None = None,
    ) -> Walk: ...
    def __iter__(self) -> Iterator[Result]: ...
    def __next__(self) -> Result: ...

@final
class Average:
    @property
    def pi(self) -> float: ...
    @property
    def std_error(self) -> float | None: ...
    @property
    def ci95(self) -> tuple[float, float] | None: ...
    @property
    def sims(self) -> int: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __float__(self) -> float: ...

@final
class Comparison:
    @property
    def rows(self) -> list[dict[str, Any]]: ...
    def to_json(self) -> str: ...
    @staticmethod
    def from_json(text: str) -> Comparison: ...
    def plot(self) -> Plot: ...
    def timeline(self) -> Plot: ...
    def _repr_html_(self) -> str: ...

def estimate(
    sims: _Whole | None = None,
    *,
    workers: _Whole | None = None,
    seed: _Whole | None = None,
    kernel: _Kernel | None = None,
    time_limit: float | None = None,
    target_error: float | None = None,
    shard: tuple[_Whole, _Whole] | None = None,
    range: _Range | None = None,
    method: Literal["darts", "lazy"] = "darts",
) -> Result: ...
def merge(results: Iterable[Result], partial: bool = False) -> Result: ...
def average(results: Iterable[Result]) -> Average: ...
def missing(results: Iterable[Result]) -> list[range]: ...
def compare(
    strategies: Literal["all"] | _Strategy | Sequence[_Strategy] | None = None,
    sims: _Whole | Sequence[_Whole] | None = None,
    workers: _Whole | Sequence[_Whole] | None = None,
    runs: _Whole | None = None,
    *,
    warmup: _Whole | None = None,
    seed: _Whole | None = None,
    scaling: Literal["strong", "weak"] = "strong",
    io_wait: float | None = None,
    kernel: _Kernel | None = None,
    pin: bool = False,
) -> Comparison: ...
def darts(
    seed: _Whole, n: _Whole, first: _Whole | None = None
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]: ...
