"""The long tier: `hatch run long`, or `hatch run long matrix fuzz` for some of its steps.

Every step runs, also after one has failed; the exit code tells whether all passed. The matrix needs
the three Pythons on PATH; where pyenv holds them, they are found there.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.13", "3.12", "3.11")

STEPS: dict[str, list[str]] = {
    # All tests on every Python, and the coverage of the packages over all of them together.
    "matrix": [
        # `hatch test --all` passes over a Python that is missing; this does not.
        *(f"hatch env create hatch-test.py{python}" for python in PYTHONS),
        "hatch test --all --cover-quiet packages tests",
        "hatch run hatch-test.py3.13:cov-report --fail-under=100",
    ],
    # The tests of each package against its wheel, with nothing installed beside it.
    "alone": [
        "hatch run wheels",
        "hatch env remove alone-tests",
        "hatch run alone-tests:check",
    ],
    # Each package, with and without its extras, beside nothing but what it asks for; and FastAPI.
    "standalone": [
        "hatch run wheels",
        "hatch env remove standalone",
        "hatch env remove standalone-fastapi",
        "hatch run standalone:check",
        "hatch run standalone-fastapi:check",
    ],
    # mypy over everything; pyright over the sources, and over what each wheel exports.
    "types": [
        "hatch run types:check",
        "hatch run wheels",
        "hatch env remove complete",
        "hatch run complete:check",
    ],
    # Every hypothesis test with 10,000 examples.
    "fuzz": ["hatch run hatch-test.py3.13:fuzz"],
    # Minutes of load from clients that leave in the middle, and nothing left behind.
    "soak": [
        "hatch run soak:run --seconds 180",
        "hatch run soak:run --seconds 60 --server hypercorn-asyncio",
        "hatch run soak:run --seconds 60 --server hypercorn-trio",
    ],
    # The demo and the debug page in a headless Chromium.
    "browser": ["bash .ci/setup browser", "hatch run browser:test"],
    # Packages that are built on Starlette, and FastAPI's own tests, on ours.
    "ecosystem": ["hatch run ecosystem:test", "hatch run fastapi-suite:test"],
    # Our middleware around seven other frameworks; what we answer against upstream's wheel.
    "frameworks": ["hatch run frameworks:test"],
}


def with_pyenv() -> dict[str, str]:
    """The environment with pyenv's Pythons on PATH, behind what is there already."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [
        str(path / "bin") for python in PYTHONS for path in sorted(versions.glob(f"{python}.*"))
    ]
    return os.environ | {"PATH": os.pathsep.join([os.environ["PATH"], *found])}


def run(step: str) -> bool:
    return all(
        subprocess.run(command.split(), cwd=ROOT, env=with_pyenv(), check=False).returncode == 0
        for command in STEPS[step]
    )


def main(*steps: str) -> None:
    failed = []
    for step in steps or STEPS:
        start = time.monotonic()
        passed = run(step)
        print(f"{step}: {'passed' if passed else 'FAILED'} in {time.monotonic() - start:.0f} s")
        failed += [] if passed else [step]
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
