"""Every example of the README runs as written."""

import re
from pathlib import Path
from typing import Any

import pytest

from starlette_testclient import TestClient

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Has all that the examples ask for."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": None})
        while (message := dict(await receive()))["type"] == "websocket.receive":
            await send(message | {"type": "websocket.send"})
    elif scope["type"] == "http":
        events = scope["path"] == "/events"
        kind = b"text/event-stream" if events else b"text/plain"
        headers = [(b"content-type", kind)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        endless = {"/ticks": b"tick\n", "/events": b"data: tick\n\n"}.get(scope["path"])
        while endless:
            await send({"type": "http.response.body", "body": endless, "more_body": True})
        await send({"type": "http.response.body", "body": b"Hello, world!"})


def examples() -> dict[str, Any]:
    """The test functions of the README by name; the namesake of a later example is "async ..."."""
    namespace: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(block, namespace)
        names = re.findall(r"^(async )?def (test_\w+)", block, re.MULTILINE)
        found |= {prefix + name: namespace[name] for prefix, name in names}
    namespace["app"] = app
    return found


EXAMPLES = examples()


def test_all_examples_are_known() -> None:
    assert set(EXAMPLES) == {
        "test_hello",
        "test_ticks",
        "test_events",
        "test_echo",
        "async test_hello",
        "test_both",
    }


@pytest.mark.parametrize("name", ["test_hello", "test_both"])
def test_an_example_that_makes_its_client(name: str) -> None:
    EXAMPLES[name]()


@pytest.mark.parametrize("name", ["test_ticks", "test_events", "test_echo"])
def test_an_example_that_is_given_its_client(name: str) -> None:
    with TestClient(app, timeout=10) as client:
        EXAMPLES[name](client)


async def test_the_asynchronous_example() -> None:
    await EXAMPLES["async test_hello"]()
