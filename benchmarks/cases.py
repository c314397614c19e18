"""What a subject of the benchmark is made of: named cases, each prepared anew in every contender.

A case is a function, async or not, that prepares its inputs, outside the measured region, and gives
`once`: a function or coroutine function whose call is what is measured and whose result is the
answer. The answer is compared with `answer` before anything is timed. A case is written against
upstream's documented names, so the same text runs on this project and on upstream; a control, such
as the same thing as a raw ASGI application, is registered under the same name for "raw".
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
    """One thing to measure: `prepare()` gives what is timed, `answer` what it must return."""

    prepare: Callable[[], Once | Awaitable[Once]]
    answer: Any


CASES: dict[tuple[str, str], Case] = {}


def case(
    name: str, answer: Any = None, contender: str = "starlette"
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the decorated function as the case `name` of `contender`."""

    def register(prepare: Callable[[], Any]) -> Callable[[], Any]:
        CASES[name, contender] = Case(prepare, answer)
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


def drive(app: App, scope: Scope, *chunks: bytes) -> Once:
    """`once` that makes one request of `app` and answers (status, length of the body).

    Around the application stand a copy of the scope and two functions that do next to nothing.
    """
    last = len(chunks) - 1
    messages = [
        {"type": "http.request", "body": chunk, "more_body": place < last}
        for place, chunk in enumerate(chunks)
    ] or [{"type": "http.request", "body": b"", "more_body": False}]
    sent: list[Any] = []
    incoming: Iterator[Any] = iter(())

    async def receive() -> Any:
        for message in incoming:
            return message
        return await asyncio.Event().wait()  # the client stays, and says nothing more

    async def send(message: Any) -> None:
        sent.append(message)

    async def once() -> tuple[int, int]:
        nonlocal incoming
        sent.clear()
        incoming = iter(messages)
        await app(scope.copy(), receive, send)
        return sent[0]["status"], len(sent[1]["body"]) if len(sent) == 2 else _length(sent)

    return once


def _length(sent: list[Any]) -> int:
    return sum(len(message.get("body", b"")) for message in sent)
