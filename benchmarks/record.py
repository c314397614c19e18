"""The results of runs, subject by subject, and the arithmetic on them.

`results/latest.json` holds for each subject the figures of every round, when and with what they
were taken; a run of one subject replaces that subject alone. Figures keep four digits.
"""

import json
import os
import platform
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LATEST = Path(__file__).with_name("results") / "latest.json"

Figures = list[float]
Results = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Spread:
    """A median with the 10th and the 90th percentile around it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{short(self.median)} ({short(self.low)}-{short(self.high)})"


def short(number: float) -> str:
    return f"{number:.{3 if number < 0.1 else 2}f}"


def spread(figures: Figures) -> Spread:
    if len(figures) == 1:
        return Spread(figures[0], figures[0], figures[0])
    low, *_, high = statistics.quantiles(figures, n=10, method="inclusive")
    return Spread(statistics.median(figures), low, high)


def ratio(mine: Figures, others: Figures) -> Spread:
    """The spread of the ratios within a round."""
    return spread([one / other for one, other in zip(mine, others, strict=True)])


def minus(figures: Figures, control: Figures) -> Figures:
    """What is left, round by round, when the control's figure is taken off."""
    return [one - other for one, other in zip(figures, control, strict=True)]


def rounded(figures: Figures) -> Figures:
    return [float(f"{figure:.4g}") for figure in figures]


def merged(results: Results, subject: str, result: dict[str, Any]) -> Results:
    """The results with those of one subject replaced, in the order of the names."""
    return dict(sorted({**results, subject: result}.items()))


def load() -> Results:
    results: Results = json.loads(LATEST.read_text()) if LATEST.exists() else {}
    return results


def save(results: Results) -> None:
    LATEST.parent.mkdir(exist_ok=True)
    LATEST.write_text(written(results))


def written(results: Results) -> str:
    """JSON with a line for each case, so that the difference between two runs can be read."""
    return "{\n" + ",\n".join(map(_subject, results.items())) + "\n}\n"


def _subject(item: tuple[str, dict[str, Any]]) -> str:
    name, result = item
    head = json.dumps({key: value for key, value in result.items() if key != "cases"})
    cases = result["cases"].items()
    lines = ",\n".join(f"  {json.dumps(case)}: {json.dumps(times)}" for case, times in cases)
    return f'{json.dumps(name)}: {head[:-1]}, "cases": {{\n{lines}\n }}}}'


def machine() -> str:
    """The processor, its cores and the kernel."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [line.partition(":") for line in cpuinfo.read_text().splitlines()]
        model = next((value.strip() for name, _, value in lines if "model name" in name), model)
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"
