"""Measures cases of one subject in the interpreter of one contender; `harness.py` talks to it.

Writes one line of JSON that tells its cases and the versions of what is installed. Then reads
orders, `{"case": ..., "contender": ..., "seconds": ...}`, one a line, and answers each with the CPU
seconds of one call or, where the case takes its own measure, the figure that it read; null where
the contender has no such case.
"""

import asyncio
import functools
import gc
import importlib
import importlib.metadata
import inspect
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cases import CASES, Case, Once

# Seconds within which a case must be prepared, and must answer when it is checked.
PATIENCE = 60

Batch = Callable[[int], float]
Measure = Callable[[float], float]


def batch_of(once: Once, loop: asyncio.AbstractEventLoop) -> Batch:
    """A function that calls `once` n times and gives the CPU seconds that took."""

    def sync_batch(n: int) -> float:
        start = time.process_time()
        for _ in range(n):
            once()
        return time.process_time() - start

    async def async_batch(n: int) -> float:
        start = time.process_time()
        for _ in range(n):
            await once()
        return time.process_time() - start

    if inspect.iscoroutinefunction(once):
        return lambda n: loop.run_until_complete(async_batch(n))
    return sync_batch


def call(function: Callable[[], Any], loop: asyncio.AbstractEventLoop) -> Any:
    result = function()
    if not inspect.isawaitable(result):
        return result
    return loop.run_until_complete(asyncio.wait_for(result, PATIENCE))


def prepared(name: str, contender: str, loop: asyncio.AbstractEventLoop) -> Batch | None:
    """The batch of a case whose answer is right; None where the contender has no such case."""
    case = CASES.get((name, contender))
    if case is None:
        return None
    once: Once = call(case.prepare, loop)
    try:
        answer = call(once, loop)
    except TimeoutError:
        answer = f"nothing within {PATIENCE} seconds"
    if not fits(answer, case.answer):
        raise SystemExit(f"{name!r} of {contender} answers {answer!r}, not {case.answer!r}")
    return batch_of(once, loop)


def fits(answer: Any, expected: Any) -> bool:
    """Whether an answer is the expected one, None standing for anything."""
    if isinstance(expected, tuple) and isinstance(answer, tuple):
        return all(map(fits, answer, expected))
    return expected is None or answer == expected


class Stopwatch:
    """The CPU time of one call, from a batch of calls that lasts about as long as asked."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.calls = 1

    def __call__(self, seconds: float) -> float:
        # How many calls that are is found once, and kept for the rounds that follow.
        while (spent := self.batch(self.calls)) < seconds / 2:
            self.calls = max(self.calls * 2, int(self.calls * seconds / spent) if spent else 0)
        return spent / self.calls


def measure_of(case: Case, key: tuple[str, str], loop: asyncio.AbstractEventLoop) -> Measure:
    """What answers the orders of one case. What it prepared is kept out of the collector's way."""
    if case.unit is not None:
        read = call(case.prepare, loop)
        return lambda seconds: float(call(read, loop))
    batch = prepared(*key, loop)
    assert batch
    gc.collect()
    gc.freeze()
    return Stopwatch(batch)


def greeting() -> dict[str, Any]:
    installed = importlib.metadata.distributions()
    return {
        "cases": [[name, contender, case.unit] for (name, contender), case in CASES.items()],
        "python": platform.python_version(),
        "versions": {each.metadata["Name"].lower(): each.version for each in installed},
    }


def main(subject: str) -> None:
    # What a framework prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    importlib.import_module(subject)
    print(json.dumps(greeting()), file=answers, flush=True)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)

    @functools.cache
    def measure(case: str, contender: str) -> Measure | None:
        key = case, contender
        return measure_of(CASES[key], key, loop) if key in CASES else None

    for line in sys.stdin:
        order = json.loads(line)
        answer = measure(order["case"], order["contender"])
        print(json.dumps(answer and answer(order["seconds"])), file=answers, flush=True)
    for task in (tasks := asyncio.all_tasks(loop)):
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
