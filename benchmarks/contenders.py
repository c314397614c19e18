"""Who takes part, and where each one's interpreter is.

Every contender runs in a hatch environment. Where these exist already, or are made without hatch,
the variable BENCH_PYTHONS names their interpreters, such as
`bench=/venvs/ours/bin/python,bench-upstream=/venvs/up/bin/python,bench-peers=/venvs/peers/bin/python`;
a name without the part behind the dot stands for all environments of that matrix.
"""

import functools
import os
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Contender:
    """One that is measured: its environment, the cases it runs, the distributions it consists of.

    A case is registered for a name that several contenders share: the cases of "starlette" run
    on ours and on upstream.
    """

    environment: str
    cases: str
    distributions: tuple[str, ...]


def _peer(cases: str, *more: str) -> Contender:
    return Contender(f"bench-peers.{cases}", cases, (cases, *more))


CONTENDERS = {
    "raw": Contender("bench", "raw", ("uvicorn", "uvloop", "httptools")),
    "ours": Contender("bench", "starlette", ("starlette", "anyio")),
    "upstream": Contender("bench-upstream", "starlette", ("starlette", "anyio")),
    "FastAPI on ours": Contender("bench", "fastapi", ("fastapi", "pydantic")),
    "FastAPI": _peer("fastapi", "starlette", "pydantic"),
    "Baize": _peer("baize"),
    "BlackSheep": _peer("blacksheep"),
    "Falcon": _peer("falcon"),
    "Lilya": _peer("lilya"),
    "Litestar": _peer("litestar"),
    "Quart": _peer("quart", "werkzeug"),
    "Sanic": _peer("sanic"),
    "ServeStatic": _peer("servestatic"),
    "WhiteNoise": _peer("whitenoise"),
}
# Ourselves, and what we are measured against.
NOT_PEERS = {"raw", "ours", "upstream", "FastAPI on ours"}


@functools.cache
def python_of(environment: str) -> str:
    """The interpreter of an environment: as given, or of hatch, which makes or updates it first."""
    pairs = os.environ.get("BENCH_PYTHONS", "").split(",")
    given = dict(pair.split("=", 1) for pair in pairs if pair)
    if given:
        return given.get(environment) or given[environment.partition(".")[0]]
    show = "import sys; print(sys.executable)"
    run = ["hatch", "run", f"{environment}:python", "-c", show]
    return subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
