"""Runs subjects of the benchmark: `hatch run bench:run application` (or none for all of them).

Every contender runs in an interpreter of its own. The contenders take turns, round by round, in
short batches of CPU time, so that a machine that slows down slows all of them; what is printed is
the median over the rounds of the ratio within one round, with its 10th and 90th percentile.
"""

import argparse
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
# contender -> (environment, which of the registered cases it runs)
CONTENDERS = {
    "raw": ("bench", "raw"),
    "ours": ("bench", "starlette"),
    "upstream": ("bench-upstream", "starlette"),
    "FastAPI": ("bench-peers", "fastapi"),
    "Falcon": ("bench-peers", "falcon"),
    "BlackSheep": ("bench-peers", "blacksheep"),
    "Litestar": ("bench-peers", "litestar"),
    "Quart": ("bench-peers", "quart"),
    "Sanic": ("bench-peers", "sanic"),
}
NOT_SUBJECTS = {"cases", "harness", "worker"}


def interpreter(environment: str) -> str:
    """The Python of a hatch environment, which is made, or brought up to date, before it runs."""
    show = "import sys; print(sys.executable)"
    run = ["hatch", "run", f"{environment}:python", "-c", show]
    return subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]


class Worker:
    """The process in which one contender runs one subject."""

    def __init__(self, contender: str, subject: str, pythons: dict[str, str]) -> None:
        environment, self.cases = CONTENDERS[contender]
        self.process = subprocess.Popen(
            [pythons[environment], str(HERE / "worker.py"), subject],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.known: list[tuple[str, str]] = [(name, cases) for name, cases in self._answer()]

    def seconds(self, case: str, batch: float) -> float | None:
        order = {"case": case, "contender": self.cases, "seconds": batch}
        assert self.process.stdin
        print(json.dumps(order), file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended early: {self.process.args!r}")
        return json.loads(line)

    def close(self) -> None:
        self.process.communicate()


def measure(subject: str, pythons: dict[str, str], rounds: int, batch: float) -> dict[str, Any]:
    """All rounds of one subject: case -> contender -> seconds of a call, one figure a round."""
    workers = {"ours": Worker("ours", subject, pythons)}
    known = workers["ours"].known
    for name, (_, cases) in CONTENDERS.items():
        if name not in workers and any(contender == cases for _, contender in known):
            workers[name] = Worker(name, subject, pythons)
    times: dict[str, dict[str, list[float]]] = {}
    for case in dict.fromkeys(name for name, _ in known):
        for _ in range(rounds):
            for name, worker in workers.items():
                spent = worker.seconds(case, batch)
                if spent is not None:
                    times.setdefault(case, {}).setdefault(name, []).append(spent)
    for worker in workers.values():
        worker.close()
    return times


def ratio(mine: list[float], others: list[float]) -> str:
    ratios = [one / other for one, other in zip(mine, others, strict=True)]
    low, *_, high = statistics.quantiles(ratios, n=10) if len(ratios) > 1 else ratios * 2
    return f"{statistics.median(ratios):.2f} ({low:.2f}-{high:.2f})"


def table(results: dict[str, Any]) -> str:
    """A table a subject: our median, and what part of each other contender's time it is."""
    return "\n\n".join(subject_table(name, cases) for name, cases in results["subjects"].items())


def subject_table(subject: str, cases: dict[str, dict[str, list[float]]]) -> str:
    present = {name for times in cases.values() for name in times} - {"ours"}
    others = [name for name in CONTENDERS if name in present]
    rows = [[subject, "ours, us", *(f"of {name}" for name in others)], ["---"] * (len(others) + 2)]
    for case, times in cases.items():
        ours = times["ours"]
        ratios = [ratio(ours, times[name]) if name in times else "-" for name in others]
        rows.append([case, f"{statistics.median(ours) * 1e6:.1f}", *ratios])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--batch", type=float, default=0.05, help="CPU seconds of one batch")
    parser.add_argument("--show", action="store_true", help="print the table of the last run")
    arguments = parser.parse_args()
    last = RESULTS / "last.json"
    if arguments.show:
        print(table(json.loads(last.read_text())))
        return
    everything = sorted({path.stem for path in HERE.glob("*.py")} - NOT_SUBJECTS)
    pythons = {name: interpreter(name) for name, _ in CONTENDERS.values()}
    results: dict[str, Any] = {
        "python": sys.version,
        "machine": platform.processor() or platform.machine(),
        "subjects": {
            subject: measure(subject, pythons, arguments.rounds, arguments.batch)
            for subject in arguments.subjects or everything
        },
    }
    RESULTS.mkdir(exist_ok=True)
    last.write_text(json.dumps(results))
    print(table(results))


if __name__ == "__main__":
    main()
