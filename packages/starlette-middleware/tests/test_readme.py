"""The examples of the README work."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import starlette_middleware
from starlette_http.response import PlainTextResponse
from starlette_http.types import Receive, Scope, Send

README = Path(__file__).resolve().parent.parent / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello " * 500)(scope, receive, send)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module of the user's own application, from which an example imports it."""
    module = ModuleType("mysite.asgi")
    module.application = application  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mysite", ModuleType("mysite"))
    monkeypatch.setitem(sys.modules, "mysite.asgi", module)


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
async def test_example(example: str) -> None:
    names: dict[str, Any] = {"application": application, "__name__": "example"}
    exec(example, names)
    transport = httpx.ASGITransport(names["app"])
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        response = await client.get("/")

    assert response.text == "hello " * 500


def test_every_middleware_is_listed() -> None:
    listed = re.findall(r"^\| `(\w+Middleware)` \|", README.read_text(), re.MULTILINE)
    names = {name for name in starlette_middleware.__all__ if name.endswith("Middleware")}

    assert set(listed) == names - {"Middleware"}
