"""The examples of the README, run as they are, and its table of parameters."""

import inspect
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette_staticfiles import StaticFiles

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
APPLICATION, MOUNT, PRODUCTION, OVERRIDE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with the directories that the examples serve."""
    for name, page in (("statics", "a.html"), ("dist", "index.html")):
        (tmp_path / name).mkdir()
        (tmp_path / name / page).write_text(f"in {name}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(example: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"StaticFiles": StaticFiles}
    exec(example, namespace)
    return namespace


async def get(app: Any, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.get(path, headers=headers)


async def test_the_application_serves_the_directory() -> None:
    assert (await get(run(APPLICATION)["app"], "/a.html")).text == "in statics"


def test_the_mount_is_python() -> None:
    compile(MOUNT, "", "exec")


async def test_the_production_set_up_falls_back_and_caches() -> None:
    app = run(PRODUCTION)["app"]
    page = await get(app, "/users/7", accept="text/html")
    assert (page.text, page.headers["cache-control"]) == ("in dist", "no-cache")
    assert (await get(app, "/users/7", accept="*/*")).status_code == 404


async def test_the_override_changes_the_response() -> None:
    app = run(OVERRIDE)["Downloads"](directory="statics")
    assert (await get(app, "/a.html")).headers["content-disposition"] == "attachment"


def test_the_table_names_every_parameter() -> None:
    table = README.partition("## What it does")[2].partition("\n\nFiles are sent")[0]
    named = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert named == list(inspect.signature(StaticFiles).parameters)
