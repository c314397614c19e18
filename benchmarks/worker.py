"""Times cases of one subject in the interpreter of one contender; `harness.py` talks to it.

Reads one JSON object a line, `{"case": ..., "contender": ..., "seconds": ...}`, and writes the
CPU seconds of one call, or null where the contender has no such case.
"""

import asyncio
import importlib
import inspect
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

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
    once = case.prepare()
    answer = loop.run_until_complete(once()) if inspect.iscoroutinefunction(once) else once()
    if case.answer is not None and answer != case.answer:
        raise SystemExit(f"{name!r} of {contender} answers {answer!r}, not {case.answer!r}")
    return batch_of(once, loop)


def seconds_per_call(batch: Batch, seconds: float) -> float:
    """The CPU time of one call, from a batch that lasts about `seconds`."""
    calls = 1
    while (spent := batch(calls)) < seconds / 2:
        calls = max(calls * 2, int(calls * seconds / spent) if spent else 0)
    return spent / calls


def main(subject: str) -> None:
    importlib.import_module(subject)
    print(json.dumps(list(dict.fromkeys(name for name, _ in CASES))), flush=True)
    batches: dict[tuple[str, str], Batch | None] = {}
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        order = json.loads(line)
        key = order["case"], order["contender"]
        if key not in batches:
            batches[key] = prepared(*key, loop)
        batch = batches[key]
        print(json.dumps(batch and seconds_per_call(batch, order["seconds"])), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
