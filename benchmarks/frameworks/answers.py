"""What every application answers: a text, a user, a stream, the number of fields of a form."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

TEXT = "Hello, world!"
USER = {"id": 42, "name": "Grace Hopper", "tags": ["admiral", "compiler"], "bio": "x" * 200}
MEBIBYTE = 1024 * 1024
TABLE = tuple(f"/api/v1/thing{n}" for n in range(1_000))
# path -> size of a chunk
STREAMS = {"/stream/small": 1024, "/stream/large": 64 * 1024}


async def chunks(size: int) -> AsyncIterator[bytes]:
    """A mebibyte in chunks of `size`, as an endpoint generates it."""
    chunk = b"x" * size
    for _ in range(MEBIBYTE // size):
        yield chunk


class Layer:
    """A plain ASGI middleware that hands everything on."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def wrapped(app: Any, layers: Sequence[type]) -> Any:
    """The application inside of layers, where a framework leaves that to its users."""
    for layer in layers:
        app = layer(app)
    return app


class EndOfLifespanError(Exception):
    """Enough: the application has started, and shall not shut down while it is measured."""


async def started(app: Any) -> Any:
    """The application after its lifespan's startup, which some build their tables in."""
    messages = [{"type": "lifespan.startup"}]
    complete: list[Any] = []

    async def receive() -> Any:
        if messages:
            return messages.pop()
        raise EndOfLifespanError

    async def send(message: Any) -> None:
        complete.append(message)

    try:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    except (BaseExceptionGroup, EndOfLifespanError):
        pass
    return app
