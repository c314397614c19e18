"""Calls one case n times, after it has become warm, and ends at once: what callgrind watches."""

import asyncio
import gc
import importlib
import os
import sys

import worker

WARM = 60


def main(subject: str, case: str, contender: str, calls: str) -> None:
    importlib.import_module(subject)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    batch = worker.prepared(case, contender, loop)
    assert batch
    batch(WARM)
    gc.collect()
    gc.freeze()
    batch(int(calls))
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
