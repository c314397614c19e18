"""The examples of the README, run as they are."""

import re
from pathlib import Path
from typing import Any

import starlette_websockets

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SCOPE = {"type": "websocket", "path": "/", "headers": []}


def run(example: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(example, namespace)
    return namespace


async def test_the_application_answers_each_text(channel: Any) -> None:
    connection = channel(
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "hello"},
        {"type": "websocket.disconnect", "code": 1000},
    )
    await run(EXAMPLES[0])["app"](SCOPE, connection.receive, connection.send)
    assert connection.sent[1:] == [{"type": "websocket.send", "text": "you said: hello"}]


async def test_the_classic_application_greets_and_closes(channel: Any) -> None:
    connection = channel({"type": "websocket.connect"})
    await run(EXAMPLES[1])["App"](SCOPE)(connection.receive, connection.send)
    assert connection.sent[1:] == [
        {"type": "websocket.send", "text": "Hello, world!"},
        {"type": "websocket.close", "code": 1000, "reason": ""},
    ]


def test_there_are_two_examples() -> None:
    assert len(EXAMPLES) == 2


def test_every_exception_of_the_table_is_in_the_package() -> None:
    rows = re.findall(r"^\| (`[A-Z].*?) \| ", README, re.MULTILINE)
    names = [name for row in rows for name in re.findall(r"`([A-Z]\w+)`", row)]
    assert {"WebSocketDisconnect", "MalformedJSON", "MalformedUTF8"} <= set(names)
    assert [name for name in names if not hasattr(starlette_websockets, name)] == []
