"""Small ASGI applications that the tests of this package drive."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest

Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]


class Recorder:
    """Notes its scopes and what it receives; answers 204 to requests, accepts every websocket."""

    def __init__(self) -> None:
        self.scopes: list[Any] = []
        self.received: list[Message] = []

    @property
    def scope(self) -> Any:
        return self.scopes[-1]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        self.scopes.append(scope)
        self.received.append(await receive())
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204})
            await send({"type": "http.response.body"})
        else:
            await send({"type": "websocket.accept"})


@pytest.fixture
def recorder() -> Recorder:
    """An application that notes what it is called with."""
    return Recorder()


@pytest.fixture
def sending() -> Callable[..., App]:
    """`sending(message, ...)` is an HTTP application that sends these messages and returns.

    An exception among them is raised.
    """

    def build(*messages: Message | Exception) -> App:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            for message in messages:
                if isinstance(message, Exception):
                    raise message
                await send(message)

        return app

    return build
