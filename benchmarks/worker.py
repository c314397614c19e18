"""Times cases of one subject in the interpreter of one contender; `harness.py` talks to it.

Writes its cases as pairs of name and contender. Then reads orders, one JSON object a line,
`{"case": ..., "contender": ..., "seconds": ...}`, and answers each with the CPU seconds of one
call, or null where the contender has no such case.
"""

import asyncio
import importlib
import inspect
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cases import CASES, Once

Batch = Callable[[int], float]


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


def prepared(name: str, contender: str, loop: asyncio.AbstractEventLoop) -> Batch | None:
    case = CASES.get((name, contender))
    if case is None:
        return None
    made: Any = case.prepare()
    once: Once = loop.run_until_complete(made) if inspect.isawaitable(made) else made
    answer = loop.run_until_complete(once()) if inspect.iscoroutinefunction(once) else once()
    if not fits(answer, case.answer):
        raise SystemExit(f"{name!r} of {contender} answers {answer!r}, not {case.answer!r}")
    return batch_of(once, loop)


def fits(answer: Any, expected: Any) -> bool:
    """Whether an answer is the expected one, None standing for anything."""
    if isinstance(expected, tuple) and isinstance(answer, tuple):
        return all(map(fits, answer, expected))
    return expected is None or answer == expected


def seconds_per_call(batch: Batch, seconds: float) -> float:
    """The CPU time of one call, from a batch that lasts about `seconds`."""
    calls = 1
    while (spent := batch(calls)) < seconds / 2:
        calls = max(calls * 2, int(calls * seconds / spent) if spent else 0)
    return spent / calls


def main(subject: str) -> None:
    # What a framework prints must not come between the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    importlib.import_module(subject)
    print(json.dumps(list(CASES)), file=answers, flush=True)
    batches: dict[tuple[str, str], Batch | None] = {}
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    for line in sys.stdin:
        order = json.loads(line)
        key = order["case"], order["contender"]
        if key not in batches:
            batches[key] = prepared(*key, loop)
        batch = batches[key]
        spent = batch and seconds_per_call(batch, order["seconds"])
        print(json.dumps(spent), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
