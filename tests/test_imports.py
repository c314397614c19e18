"""What an import costs: `import starlette` nothing, the application no more than upstream's.

`upstream_modules.json` has the modules of others that upstream 1.10.0 loads with `IMPORTS` in an
environment of its own with anyio 4.16: all that such a statement adds to `sys.modules`, by Python
version. Measured on 3.11.7, 3.12.1 and 3.13.0.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

IMPORTS = "import starlette.applications, starlette.routing, starlette.responses"
ANYIO = "import anyio, anyio.abc, anyio.to_thread"

UPSTREAM: dict[str, list[str]] = json.loads(
    (Path(__file__).resolve().parent / "upstream_modules.json").read_text()
)
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def loaded_by(statement: str, *, after: str = "pass") -> set[str]:
    """The modules that a statement loads in an interpreter of its own, beyond those before it."""
    code = (
        f"{after}\nimport sys\nbefore = set(sys.modules)\n{statement}\n"
        "print(*set(sys.modules) - before)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], check=True, capture_output=True, text=True
    )
    return set(done.stdout.split())


def test_import_starlette_loads_only_itself() -> None:
    assert loaded_by("import starlette", after="import importlib, typing") == {"starlette"}


@pytest.mark.parametrize("name", ["Request", "Response", "FileResponse", "asgi_application"])
def test_a_name_of_the_top_level_loads_no_test_client_and_no_optional_library(name: str) -> None:
    loaded = loaded_by(f"from starlette import {name}", after=ANYIO)
    strangers = {module.split(".")[0] for module in loaded} - sys.stdlib_module_names
    assert strangers <= {"anyio", "starlette", "starlette_http", "typing_extensions"}


@pytest.mark.skipif(VERSION not in UPSTREAM, reason="measured for other versions of Python")
def test_the_application_loads_no_module_of_others_that_upstream_does_not() -> None:
    loaded = loaded_by(IMPORTS, after=ANYIO)  # what anyio loads differs from release to release
    foreign = {module for module in loaded if not module.startswith("starlette")}
    assert len(loaded - foreign) > 30
    assert foreign - set(UPSTREAM[VERSION]) == set()


@pytest.mark.parametrize(
    "library",
    ["asyncio", "trio", "httpx", "jinja2", "itsdangerous", "opentelemetry", "python_multipart"],
)
def test_the_application_does_not_load(library: str) -> None:
    assert library not in loaded_by(IMPORTS)


def test_the_facades_load_no_more_than_what_they_are_named_for() -> None:
    ours = {module.split(".")[0] for module in loaded_by("import starlette.websockets")}
    assert {name for name in ours if name.startswith("starlette")} == {
        "starlette",
        "starlette_http",
        "starlette_websockets",
    }
