"""ASGI-2 applications: how they are told apart, and how they are served."""

import functools
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest

from starlette_http.asgi2 import as_asgi3, is_asgi2, serving_scope, two_step_call
from starlette_http.callables import is_async_callable
from starlette_http.responses import PlainTextResponse
from starlette_http.types import Receive, Scope, Send

SCOPE: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}


class ClassicApp:
    """The form of the first document."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        await send({"type": "test", "path": self.scope["path"], "got": await receive()})


class ConfiguredApp(ClassicApp):
    def __init__(self, setting: str, scope: Scope) -> None:
        super().__init__(scope)


class AwaitableEndpoint:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def __await__(self) -> Generator[Any, None, None]:
        yield


class ModernApp:
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


class ClassicFactory:
    def __call__(self, scope: Scope) -> ClassicApp:
        return ClassicApp(scope)


class EitherApp:
    @two_step_call
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "test", "path": scope["path"], "got": await receive()})


async def modern_function(scope: Scope, receive: Receive, send: Send) -> None: ...


async def variadic_function(*args: Any) -> None: ...


async def wide_function(a: Any, b: Any, c: Any, d: Any = None) -> None: ...


def classic_function(scope: Scope) -> ClassicApp:
    return ClassicApp(scope)


def other_name(whatever: Scope) -> ClassicApp:
    return ClassicApp(whatever)


@pytest.mark.parametrize(
    "app",
    [
        ClassicApp,
        functools.partial(ConfiguredApp, "setting"),
        ClassicFactory(),
        classic_function,
        other_name,
    ],
)
def test_takes_one_argument_and_is_asgi_2(app: Any) -> None:
    assert is_asgi2(app)


@pytest.mark.parametrize(
    "app",
    [
        AwaitableEndpoint,
        ModernApp(),
        EitherApp(),
        modern_function,
        variadic_function,
        wide_function,
        functools.partial(wide_function, None),
        PlainTextResponse("a response is an application"),
        max,  # has no signature that can be read
        "not callable",
        as_asgi3(ClassicApp),
    ],
)
def test_is_asgi_3_and_stays_the_same_object(app: Any) -> None:
    assert as_asgi3(app) is app


async def test_adapted_class_is_served(channel: Any) -> None:
    connection = channel({"type": "asked"})
    await as_asgi3(ClassicApp)(SCOPE, connection.receive, connection.send)
    assert connection.sent == [{"type": "test", "path": "/", "got": {"type": "asked"}}]


async def test_adapted_function_may_return_a_closure(channel: Any) -> None:
    def app(scope: Scope) -> Callable[[Receive, Send], Awaitable[None]]:
        async def instance(receive: Receive, send: Send) -> None:
            await send({"type": "test"})

        return instance

    connection = channel()
    await as_asgi3(app)(SCOPE, connection.receive, connection.send)
    assert connection.sent == [{"type": "test"}]


async def test_instance_that_takes_the_scope_is_given_it(channel: Any) -> None:
    class Echo:
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "test", "path": scope["path"]})

    def app(scope: Scope) -> Any:
        return Echo()

    connection = channel()
    await as_asgi3(app)(SCOPE, connection.receive, connection.send)
    assert connection.sent == [{"type": "test", "path": "/"}]


async def test_two_argument_response_answers_to_the_scope_being_served(channel: Any) -> None:
    class App(ClassicApp):
        async def __call__(self, receive: Receive, send: Send) -> None:
            await PlainTextResponse("denied", 403)(receive, send)

    connection = channel()
    await as_asgi3(App)({"type": "websocket"}, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]


async def test_scope_is_published_while_the_application_runs_only(channel: Any) -> None:
    seen = []

    def app(scope: Scope) -> Any:
        seen.append(serving_scope.get())
        return ClassicApp(scope)

    connection = channel({"type": "asked"})
    await as_asgi3(app)(SCOPE, connection.receive, connection.send)
    assert seen == [SCOPE]
    assert serving_scope.get(None) is None


async def test_error_of_the_first_step_passes_through(channel: Any) -> None:
    def app(scope: Scope) -> Any:
        raise LookupError(scope["type"])

    connection = channel()
    with pytest.raises(LookupError, match="lifespan"):
        await as_asgi3(app)({"type": "lifespan"}, connection.receive, connection.send)
    assert serving_scope.get(None) is None


async def test_two_step_call_answers_both_ways(channel: Any) -> None:
    app = EitherApp()
    connection = channel({"type": "asked"}, {"type": "asked"})
    await app(SCOPE, connection.receive, connection.send)
    await app(SCOPE)(connection.receive, connection.send)
    assert connection.sent == [{"type": "test", "path": "/", "got": {"type": "asked"}}] * 2


def test_two_step_call_looks_like_a_coroutine_function_to_servers() -> None:
    assert is_async_callable(EitherApp())


def test_two_step_call_keeps_name_and_documentation() -> None:
    assert EitherApp.__call__.__name__ == "__call__"
