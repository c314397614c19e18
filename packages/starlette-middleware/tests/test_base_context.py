"""`BaseHTTPMiddleware`: context variables are those of one call, whoever runs where."""

import sys
import types
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from dispatching import CallNext, Dispatch, Style, http

from starlette_http.requests import Request
from starlette_http.response import Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware import BaseHTTPMiddleware, companion

name: ContextVar[str] = ContextVar("name", default="nobody")


async def answer(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": name.get().encode()})


async def naming(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that sets a variable, before its response and in the middle of it."""
    name.set("app")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    name.set("app, later")
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    await send({"type": "http.response.body", "body": b"b"})


INNER = [
    "at_once",
    "after_a_wait",
    "within_a_timeout",
    "within_a_task_group",
    "with_the_body_read_in_time",
    "with_another_iterator",
]


@pytest.mark.parametrize("inner", INNER)
async def test_the_application_sees_what_dispatch_has_set(
    channel: Any, dispatches: dict[str, Dispatch], inner: str, app_style: Style
) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        name.set("dispatch")
        return await dispatches[inner](request, call_next)

    connection = channel()
    middleware = BaseHTTPMiddleware(app_style(answer), dispatch)
    await middleware(http(), connection.receive, connection.send)
    assert connection.body == b"dispatch"


@pytest.mark.parametrize("inner", INNER)
async def test_dispatch_sees_what_the_application_has_set(
    channel: Any, dispatches: dict[str, Dispatch], inner: str
) -> None:
    seen = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await dispatches[inner](request, call_next)
        seen.append(name.get())
        return response

    connection = channel()
    await BaseHTTPMiddleware(naming, dispatch)(http(), connection.receive, connection.send)
    assert seen[0].startswith("app")


@pytest.mark.parametrize("inner", INNER)
async def test_send_and_the_outer_layers_see_what_the_application_has_set(
    channel: Any, dispatches: dict[str, Dispatch], inner: str
) -> None:
    seen = {}

    async def send(message: Message) -> None:
        seen[message["type"]] = name.get()

    stack: ASGIApp = naming
    for _ in range(3):
        stack = BaseHTTPMiddleware(stack, dispatches[inner])
    await stack(http(), channel().receive, send)
    assert seen["http.response.start"].startswith("app")
    assert seen["http.response.body"] == "app, later"
    assert name.get() == "app, later"


async def test_a_layer_inside_is_seen_by_a_layer_outside(channel: Any, app_style: Style) -> None:
    seen = []

    async def inner(request: Request, call_next: CallNext) -> Response:
        name.set("inner")
        return await call_next(request)

    async def outer(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        seen.append(name.get())
        return response

    connection = channel()
    app = BaseHTTPMiddleware(BaseHTTPMiddleware(app_style(answer), inner), outer)
    await app(http(), connection.receive, connection.send)
    assert seen == ["inner"]


async def test_a_token_can_be_reset_after_call_next(channel: Any, app_style: Style) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        token = name.set("dispatch")
        try:
            return await call_next(request)
        finally:
            name.reset(token)

    connection = channel()
    middleware = BaseHTTPMiddleware(app_style(answer), dispatch)
    await middleware(http(), connection.receive, connection.send)
    assert name.get() == "nobody"


@pytest.mark.parametrize("inner", INNER)
async def test_a_token_of_the_application_can_be_reset_after_the_response(
    channel: Any, dispatches: dict[str, Dispatch], inner: str
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        token = name.set("app")
        await answer(send)
        name.reset(token)

    connection = channel()
    await BaseHTTPMiddleware(app, dispatches[inner])(http(), connection.receive, connection.send)
    assert name.get() == "nobody"


async def test_what_a_child_task_sets_stays_there(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def child() -> None:
            name.set("child")
            await answer(send)

        async with anyio.create_task_group() as group:
            group.start_soon(child)

    seen = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        seen.append(name.get())
        return response

    connection = channel()
    await BaseHTTPMiddleware(app, dispatch)(http(), connection.receive, connection.send)
    assert seen == ["nobody"]
    assert connection.body == b"child"


# Where it is not known what a task has open.


async def test_scopes_that_cannot_be_seen_do_not_matter(
    channel: Any, dispatches: dict[str, Dispatch], app_style: Style
) -> None:
    app = app_style(answer)
    for dispatch in dispatches.values():
        app = BaseHTTPMiddleware(app, dispatch)
    name.set("anyone")
    connection = channel()
    with pytest.MonkeyPatch.context() as monkeypatch:
        another = types.SimpleNamespace()
        monkeypatch.setitem(sys.modules, "anyio._backends._asyncio", another)
        await app(http(), connection.receive, connection.send)
    assert connection.body == b"anyone"


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio_need_not_have_run_before(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        return await call_next(request)

    connection = channel()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.delitem(sys.modules, "anyio._backends._asyncio")
        middleware = BaseHTTPMiddleware(app, dispatch)
        await middleware(http(), connection.receive, connection.send)
    assert connection.body == b"nobody"


async def test_context_variables_of_python_3_11_are_those_of_one_call(
    channel: Any, app_style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        token = name.set("dispatch")
        try:
            return await call_next(request)
        finally:
            name.reset(token)

    old_sys = types.SimpleNamespace(version_info=(3, 11), modules=sys.modules)
    monkeypatch.setattr(companion, "sys", old_sys)
    connection = channel()
    middleware = BaseHTTPMiddleware(app_style(answer), dispatch)
    await middleware(http(), connection.receive, connection.send)
    assert connection.sent
    assert name.get() == "nobody"
