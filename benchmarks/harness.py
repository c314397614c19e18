"""Measures one subject: every contender in an interpreter of its own, in turns.

The contenders take turns within a case, the cases within a round, and the rounds follow each other:
a machine that slows down slows all of them, and figures of one round can be compared.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.contenders import CONTENDERS, python_of

# Rounds of figures that vary by a few bytes.
FEW_ROUNDS = {"B": 3}

Times = dict[str, dict[str, list[float]]]


class Worker:
    """The process in which one contender runs one subject."""

    def __init__(self, contender: str, subject: str) -> None:
        self.contender = CONTENDERS[contender]
        script = Path(__file__).with_name("worker.py")
        self.process = subprocess.Popen(
            [python_of(self.contender.environment), str(script), subject],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        greeting = self._answer()
        self.units: dict[tuple[str, str], str | None] = {
            (case, cases): unit for case, cases, unit in greeting["cases"]
        }
        installed = greeting["versions"]
        self.python: str = greeting["python"]
        self.versions: dict[str, str] = {
            name: installed[name] for name in self.contender.distributions if name in installed
        }

    def figure(self, case: str, batch: float) -> float | None:
        """The seconds of a call, or what the case reads; None where there is no such case."""
        order = {"case": case, "contender": self.contender.cases, "seconds": batch}
        assert self.process.stdin
        print(json.dumps(order), file=self.process.stdin, flush=True)
        answer: float | None = self._answer()
        return answer

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a worker ended early: {self.process.args!r}")
        return json.loads(line)

    def close(self) -> None:
        self.process.communicate()


@contextmanager
def workers_of(subject: str) -> Iterator[dict[str, Worker]]:
    """A worker for each contender that has a case of the subject; ours tells which these are."""
    with ExitStack() as stack:
        ours = Worker("ours", subject)
        stack.callback(ours.close)
        present = {cases for _, cases in ours.units}
        workers = {}
        for name, contender in CONTENDERS.items():
            if name == "ours":
                workers[name] = ours
            elif contender.cases in present:
                workers[name] = Worker(name, subject)
                stack.callback(workers[name].close)
        yield workers


@dataclass
class Measured:
    """What the rounds of a subject gave: case -> contender -> figures, one a round."""

    python: str = ""
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    times: Times = field(default_factory=dict)


def measure(subject: str, rounds: int, batch: float) -> Measured:
    """All rounds of one subject, in batches of about `batch` CPU seconds."""
    with workers_of(subject) as workers:
        units = workers["ours"].units
        result = Measured(
            python=workers["ours"].python,
            versions={name: worker.versions for name, worker in workers.items()},
            units={case: unit for (case, _), unit in units.items() if unit},
        )
        cases = list(dict.fromkeys(case for case, _ in units))
        for round_number in range(rounds):
            for case in cases:
                if round_number < FEW_ROUNDS.get(result.units.get(case, ""), rounds):
                    _take_turns(workers, case, batch, result.times)
    return result


def _take_turns(workers: dict[str, Worker], case: str, batch: float, times: Times) -> None:
    for name, worker in workers.items():
        if (case, worker.contender.cases) not in workers["ours"].units:
            continue
        spent = worker.figure(case, batch)
        if spent is not None:
            times.setdefault(case, {}).setdefault(name, []).append(spent)
