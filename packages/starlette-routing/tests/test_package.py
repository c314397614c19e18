"""The names of the package, and the examples of its README."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
from websockets.asyncio.client import connect

import starlette_routing
from starlette_routing.routing import Router

README = (Path(__file__).parent.parent / "README.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("name", starlette_routing.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(starlette_routing, name).__name__ == name
    assert name in dir(starlette_routing)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        starlette_routing.nothing  # noqa: B018


def test_every_class_of_the_readme_is_in_the_package() -> None:
    table = README.partition("## What there is")[2].partition("## Lookup")[0]
    names = re.findall(r"`([A-Z][A-Za-z]+)`", table)
    assert {"Route", "Router", "SchemaGenerator"} <= set(names)
    assert [name for name in names if not hasattr(starlette_routing, name)] == ["Allow"]


def example() -> Any:
    namespace: dict[str, Any] = {}
    exec(EXAMPLES[0], namespace)
    return namespace["app"]


async def test_the_example_answers_over_a_real_server(serve: Any) -> None:
    url = await anyio.to_thread.run_sync(serve, example())
    async with httpx.AsyncClient(base_url=url) as client:
        answer = await client.get("/api/users/1")
        assert answer.json() == {"name": "ada", "self": f"{url}/api/users/1"}
        assert (await client.get("/health")).text == "ok"
        assert (await client.get("/api/users/x")).status_code == 404
        refused = await client.post("/api/users/1")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD")
        moved = await client.get("/health/?a=%20%252F")
        assert (moved.status_code, moved.headers["location"]) == (307, f"{url}/health?a=%20%252F")


async def test_the_example_echoes_over_a_real_websocket(
    serve: Any, anyio_backend_name: str
) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("the client is asyncio's own")
    url = await anyio.to_thread.run_sync(serve, example())
    async with connect(url.replace("http", "ws") + "/echo") as websocket:
        await websocket.send("hello")
        assert await websocket.recv() == "hello"


def test_the_other_examples_run() -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        yield

    names = {name: getattr(starlette_routing, name) for name in starlette_routing.__all__}
    namespace = {**names, "server": Router(), "database": lifespan, "cache": lifespan}
    for text in EXAMPLES[1:]:
        exec(text, namespace)
    assert isinstance(namespace["app"], Router)
