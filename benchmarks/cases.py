"""What a subject of the benchmark is made of: named cases, each prepared anew in every contender.

A case is a function, async or not, that prepares its inputs, outside the measured region, and gives
`once`: a function or coroutine function whose call is what is measured and whose result is the
answer. The answer is compared with `answer` before anything is timed. A case is written against
upstream's documented names, so the same text runs on this project and on upstream; a control, such
as the same thing as a raw ASGI application, is registered under the same name for "raw".

What is no CPU time of a call, such as memory, is a `figure`: its `once` reads the figure itself.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

Once = Callable[[], Any]
Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[None]]


@dataclass
class Case:
    """One thing to measure: `prepare()` gives what is timed, `answer` what it must return.

    With a `unit`, "s" or "B", what `prepare()` gives is not timed: it returns the figure.
    """

    prepare: Callable[[], Once | Awaitable[Once]]
    answer: Any = None
    unit: str | None = None


CASES: dict[tuple[str, str], Case] = {}


def case(
    name: str, answer: Any = None, contender: str = "starlette"
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the decorated function as the case `name` of `contender`."""

    def register(prepare: Callable[[], Any]) -> Callable[[], Any]:
        CASES[name, contender] = Case(prepare, answer)
        return prepare

    return register


def figure(
    name: str, unit: str, contender: str = "starlette"
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the decorated function as a case that gives its figure in `unit` itself."""

    def register(prepare: Callable[[], Any]) -> Callable[[], Any]:
        CASES[name, contender] = Case(prepare, unit=unit)
        return prepare

    return register


def http_scope(
    method: str = "GET", path: str = "/", headers: Any = (), query: bytes = b""
) -> Scope:
    """A scope as uvicorn gives it, with the headers of a browser before `headers`."""
    browser = [
        (b"host", b"example.org"),
        (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
        (b"accept", b"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
        (b"accept-language", b"en-US,en;q=0.5"),
        (b"accept-encoding", b"gzip, deflate, br, zstd"),
        (b"connection", b"keep-alive"),
    ]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [*browser, *headers],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


def websocket_scope() -> Scope:
    """A scope of a websocket as uvicorn gives it."""
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": "/ws",
        "raw_path": b"/ws",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"example.org"), (b"origin", b"http://example.org")],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "subprotocols": [],
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }


def drive(app: App, scope: Scope, *chunks: bytes) -> Once:
    """`once` that makes one request of `app` and answers (status, length of the body).

    Around the application stand a copy of the scope and two functions that do next to nothing. As
    under a server, the client stays until it has all of the answer, and is gone then.
    """
    last = len(chunks) - 1
    messages = [
        {"type": "http.request", "body": chunk, "more_body": place < last}
        for place, chunk in enumerate(chunks)
    ] or [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[Any] = []
    incoming: Iterator[Any] = iter(())
    answered: asyncio.Event | None = None  # made when somebody waits for it

    async def receive() -> Any:
        nonlocal answered
        for message in incoming:
            return message
        if not sent or not _ends(sent[-1]):
            answered = answered or asyncio.Event()
            await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if answered is not None and _ends(message):
            answered.set()

    async def once() -> tuple[int, int]:
        nonlocal incoming, answered
        sent.clear()
        answered = None
        incoming = iter(messages)
        await app(scope.copy(), receive, send)
        return sent[0]["status"], len(sent[1]["body"]) if len(sent) == 2 else _length(sent)

    return once


def _ends(message: Any) -> bool:
    return message["type"] == "http.response.body" and not message.get("more_body", False)


def _length(sent: list[Any]) -> int:
    return sum(len(message.get("body", b"")) for message in sent)
