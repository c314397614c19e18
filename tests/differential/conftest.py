"""The same expressions over our `starlette` and upstream's wheel, each in a process of its own.

`UPSTREAM_STARLETTE` names the directory that the wheel was unpacked into.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Outcomes = dict[str, tuple[str, str]]
Evaluate = Callable[[list[str], Path], Outcomes]

UPSTREAM = os.environ.get("UPSTREAM_STARLETTE", "")


@pytest.fixture(scope="session")
def evaluate() -> Evaluate:
    """Evaluate expressions over a folder: what each comes to, in ours and in upstream's."""
    if not UPSTREAM:
        pytest.skip("UPSTREAM_STARLETTE does not say where upstream's wheel is")

    def evaluate(expressions: list[str], folder: Path) -> Outcomes:
        ours = _evaluate(expressions, folder, os.environ)
        upstream = _evaluate(expressions, folder, os.environ | {"PYTHONPATH": UPSTREAM})
        return dict(zip(expressions, zip(ours, upstream, strict=True), strict=True))

    return evaluate


def _evaluate(expressions: list[str], folder: Path, environment: Mapping[str, str]) -> list[str]:
    command = [sys.executable, str(Path(__file__).with_name("evaluate.py")), str(folder)]
    done = subprocess.run(
        command,
        input=json.dumps(expressions),
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    texts: list[str] = json.loads(done.stdout)
    return texts
