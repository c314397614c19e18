"""The modern document, "Dependencies": what is required, and what for."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
REQUIREMENT = re.compile(r"([\w-]+)(?:\[([\w,-]+)\])?([^;]*)(?:; *(.*))?")


def project(name: str) -> dict[str, Any]:
    file = PACKAGES / name / "pyproject.toml"
    found: dict[str, Any] = tomllib.loads(file.read_text())["project"]
    return found


def requirements(name: str, *extras: str) -> set[str]:
    """Everything that a package of ours brings with it, by the distribution's name."""
    found = project(name)
    optional = found.get("optional-dependencies", {})
    lines = [*found["dependencies"], *(line for extra in extras for line in optional[extra])]
    brought: set[str] = set()
    for line in lines:
        match = REQUIREMENT.fullmatch(line)
        assert match, line
        if match[1].startswith("starlette"):
            brought |= requirements(match[1], *(match[2] or "").split(",") if match[2] else ())
        else:
            brought.add(match[1])
    return brought


# typing-extensions comes with anyio on these Pythons anyway, and is asked for below 3.13 only.
def test_only_anyio_is_required() -> None:
    assert requirements("starlette") - {"typing-extensions"} == {"anyio"}
    assert (
        "typing-extensions>=4.10; python_version < '3.13'"
        in (project("starlette-http")["dependencies"])
    )


def test_full_brings_all_that_is_optional() -> None:
    assert requirements("starlette", "full") - requirements("starlette") == {
        "httpx",
        "itsdangerous",
        "jinja2",
        "opentelemetry-api",
        "python-multipart",
        "pyyaml",
    }


def test_all_packages_are_bsd_licensed_and_carry_the_licence() -> None:
    names = [path.name for path in PACKAGES.iterdir() if (path / "pyproject.toml").exists()]
    assert {project(name)["license"] for name in names} == {"BSD-3-Clause"}
    assert all((PACKAGES / name / "LICENSE").exists() for name in names)


# What each is required for: everything else works without it.

USES = {
    "httpx": ("import starlette.testclient", "starlette-testclient[httpx]"),
    "jinja2": ("import starlette.templating", "starlette-http[templates]"),
    "itsdangerous": ("import starlette.middleware.sessions", "starlette-middleware[sessions]"),
    "python_multipart": (
        """
import anyio
from starlette.requests import Request

async def receive():
    return {"type": "http.request", "body": b""}

headers = [(b"content-type", b"multipart/form-data; boundary=b")]
async def read():
    await Request({"type": "http", "headers": headers}, receive).form()

anyio.run(read)
""",
        "starlette-http[forms]",
    ),
    "yaml": (
        """
from starlette.schemas import SchemaGenerator
from starlette.routing import Route

def endpoint(request):
    '''responses: {200: {description: fine}}'''

SchemaGenerator({}).get_schema([Route("/", endpoint)])
""",
        "starlette-routing[schemas]",
    ),
}

ELSE = (
    "import starlette.applications, starlette.endpoints, starlette.middleware.cors, "
    "starlette.middleware.gzip, starlette.routing, starlette.staticfiles, starlette.websockets; "
    "from starlette import FileResponse, JSONResponse, Request"
)


def python(code: str, without: list[str]) -> subprocess.CompletedProcess[str]:
    """Run code where these libraries cannot be imported."""
    block = "".join(f"sys.modules[{name!r}] = None; " for name in without)
    return subprocess.run(
        [sys.executable, "-c", f"import sys; {block}\n{code}"], capture_output=True, text=True
    )


@pytest.mark.parametrize("library", USES)
def test_without_it_what_it_is_required_for_says_how_to_install_it(library: str) -> None:
    code, extra = USES[library]
    done = python(code, [library, "httpx2"])
    assert done.returncode == 1
    assert f"pip install '{extra}'" in done.stderr.splitlines()[-1]


def test_without_any_of_them_all_else_can_be_imported() -> None:
    done = python(ELSE, [*USES, "httpx2"])
    assert (done.returncode, done.stderr) == (0, "")
