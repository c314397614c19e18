"""One request to an ASGI application, without a server and without a client library."""

from typing import Any, NamedTuple

import anyio

__all__ = ["Answer", "ask", "converse"]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    app: Any, path: str, headers: dict[str, str] | None = None, body: bytes = b"", method: str = ""
) -> Answer:
    """What the application answers."""
    sent: list[dict[str, Any]] = []
    received = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return received.pop() if received else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    target, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "method": method or ("POST" if body else "GET"),
        "scheme": "http",
        "path": target,
        "query_string": query.encode(),
        "headers": [(b"host", b"example.org")]
        + [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    anyio.run(app, scope, receive, send)
    start, *rest = sent
    fields = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], fields, b"".join(message["body"] for message in rest))


def converse(app: Any, *frames: str) -> list[dict[str, Any]]:
    """What a websocket application sends when it receives these frames and the end."""
    sent: list[dict[str, Any]] = []
    received: list[dict[str, Any]] = [
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "text": frame} for frame in frames),
        {"type": "websocket.disconnect", "code": 1000},
    ]

    async def receive() -> dict[str, Any]:
        return received.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": []}
    anyio.run(app, scope, receive, send)
    return sent
