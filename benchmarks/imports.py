"""Importing what an application is made of, in a fresh interpreter; CPU time above a bare one.

The bytecode is made before. Our packages lie in seven folders of a checkout, so that, for ours and
for upstream alike, they are copied beside each other first, as an installer would lay them out.
"""

import atexit
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cases import figure

STATEMENTS = {
    "starlette": "import starlette.applications, starlette.routing, starlette.responses",
    "fastapi": "import fastapi, fastapi.responses",
    "baize": "import baize.asgi",
    "blacksheep": "import blacksheep",
    "falcon": "import falcon.asgi",
    "lilya": "import lilya.apps, lilya.routing, lilya.responses",
    "litestar": "import litestar",
    "quart": "import quart",
    "sanic": "import sanic",
}
LAID_OUT = ("starlette", "http", "middleware", "routing", "staticfiles", "testclient", "websockets")


def site() -> Path:
    """A folder with those of our packages, or upstream's one, that are installed here."""
    folder = Path(tempfile.mkdtemp(prefix="import-benchmark-"))
    atexit.register(shutil.rmtree, folder)
    for part in LAID_OUT:
        name = part if part == "starlette" else f"starlette_{part}"
        spec = importlib.util.find_spec(name)
        if spec and spec.submodule_search_locations:
            (source,) = spec.submodule_search_locations
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def cpu_seconds(statement: str, environment: dict[str, str]) -> float:
    """The CPU time of an interpreter that runs the statement and ends."""
    process = subprocess.Popen([sys.executable, "-c", statement], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{statement!r} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def register(framework: str, statement: str) -> None:
    @figure("import", "s", contender=framework)
    def prepare():
        environment = {**os.environ, "PYTHONPATH": str(site())}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        cpu_seconds(statement, environment)  # makes the bytecode
        return lambda: cpu_seconds(statement, environment) - cpu_seconds("pass", environment)


for contender_name, import_statement in STATEMENTS.items():
    register(contender_name, import_statement)
