"""Instructions of one call, by valgrind's callgrind: exact under any load, and the same every time.

A case is called n times and, in a second process, 3n times; what a call costs is the difference
over 2n. This sees all that Python and C code does and nothing of the kernel, so that it says little
about files and threads.
"""

import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.contenders import CONTENDERS, python_of
from benchmarks.harness import Worker

CHILD = Path(__file__).with_name("count_child.py")
DEFAULT = ("ours", "upstream", "raw")


def count(subject: str, case: str, contenders: list[str], n: int) -> None:
    """Print the instructions of each case of `subject` whose name has `case` in it."""
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed, which counts the instructions")
        return
    ours = Worker("ours", subject)
    known = ours.units
    ours.close()
    names = [name for name in dict.fromkeys(name for name, _ in known) if case in name]
    if not names:
        raise SystemExit(f"no case of {subject} has {case!r} in its name: {known.keys()}")
    for name in names:
        counts = {
            contender: instructions(contender, subject, name, n)
            for contender in contenders or DEFAULT
            if (name, CONTENDERS[contender].cases) in known
            and known[name, CONTENDERS[contender].cases] is None
        }
        print(line(name, counts), flush=True)


def line(name: str, counts: dict[str, float]) -> str:
    """One case: the instructions of each contender, and what part of them the first one's are."""
    if not counts:
        return f"{name}: no instructions to count"
    first, *others = counts
    ratios = [f"{first}/{other} {counts[first] / counts[other]:.3f}" for other in others]
    return f"{name}: " + ", ".join([*(f"{who} {it:,.0f}" for who, it in counts.items()), *ratios])


def instructions(contender: str, subject: str, case: str, n: int) -> float:
    """The instructions of one call; the two processes run at the same time."""
    with ThreadPoolExecutor(2) as pool:
        few = pool.submit(collected, contender, subject, case, n)
        many = pool.submit(collected, contender, subject, case, 3 * n)
        return (many.result() - few.result()) / (2 * n)


def collected(contender: str, subject: str, case: str, calls: int) -> int:
    """The instructions of a process that makes so many calls."""
    environment, cases = CONTENDERS[contender].environment, CONTENDERS[contender].cases
    python = python_of(environment)
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        + [python, str(CHILD), subject, case, cases, str(calls)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    found = re.search(r"Collected : (\d+)", run.stderr)
    if not found:
        raise SystemExit(f"callgrind of {case!r} for {contender} failed:\n{run.stderr[-2000:]}")
    return int(found[1])
