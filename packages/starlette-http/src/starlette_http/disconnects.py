"""Stop sending when the client leaves.

Servers from ASGI spec_version 2.4 on raise from `send`. Older ones only put `http.disconnect` on
`receive`, and listening to that takes a task, while most responses are out before it could hear
anything. On asyncio the task is therefore made by a callback that the event loop runs when the
sender first waits: a response that never waits costs one callback, taken back at its end.
Elsewhere a task group does the same.
"""

import sys
from collections.abc import Awaitable, Callable
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import anyio

from .concurrency import create_collapsing_task_group
from .requests import ClientDisconnect
from .types import Message, Receive, Scope, Send

if TYPE_CHECKING:
    import asyncio

__all__ = [
    "cancel_after",
    "listen_for_disconnect",
    "send_raises_on_disconnect",
    "send_to_client",
    "send_until_disconnect",
]

Listen = Callable[[Receive], Awaitable[None]]


def send_raises_on_disconnect(scope: Scope) -> bool:
    """Whether `send` raises OSError once the client has left: ASGI spec_version 2.4 and later."""
    return _raises((scope.get("asgi") or {}).get("spec_version", "2.0"))


@lru_cache(maxsize=16)
def _raises(spec_version: str) -> bool:
    try:
        return tuple(map(int, spec_version.split("."))) >= (2, 4)
    except (AttributeError, ValueError):
        return False


async def send_to_client(send: Send, message: Message) -> None:
    """`send(message)`, with `ClientDisconnect` for the OSError of a connection that is gone."""
    try:
        await send(message)
    except OSError as error:
        raise ClientDisconnect from error


async def listen_for_disconnect(receive: Receive) -> None:
    """Return when the client has left; messages of any other type are dropped."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_until_disconnect(
    sender: Callable[[Send], Awaitable[None]],
    send: Send,
    receive: Receive,
    listen: Listen = listen_for_disconnect,
) -> None:
    """Run `sender(send)`; cancel it when `listen(receive)` returns, and return as if it had ended.

    An error of either is raised as itself, after the other one was cancelled and has ended.
    """
    asyncio = _asyncio_of_this_task()
    if asyncio is None:
        async with create_collapsing_task_group() as group:
            group.start_soon(cancel_after, group.cancel_scope, listen, receive)
            await sender(send)
            group.cancel_scope.cancel()
        return
    loop = asyncio.get_running_loop()
    listener = _LateListener(loop, listen, receive)
    starting = loop.call_soon(listener.start)
    try:
        with listener.scope:
            await sender(send)
    finally:
        starting.cancel()
        if listener.task is not None:
            await _end(listener.task, asyncio)


def _asyncio_of_this_task() -> ModuleType | None:
    """asyncio, where this runs in a task of it. What does not use it does not pay its import."""
    asyncio = sys.modules.get("asyncio")
    try:
        # No task under trio as a guest of asyncio: the loop runs, but no task of it.
        return asyncio if asyncio and asyncio.current_task() else None
    except RuntimeError:
        return None


async def cancel_after(
    scope: "anyio.CancelScope", event: Callable[..., Awaitable[object]], *args: Any
) -> None:
    """Cancel `scope` when `event(*args)` is over, whether it returns or raises."""
    try:
        await event(*args)
    finally:
        scope.cancel()


@lru_cache(maxsize=1)
def _scope_class() -> "type[anyio.CancelScope]":
    """What `anyio.CancelScope()` makes on asyncio, where finding it is more work than making it."""
    return type(anyio.CancelScope())


class _LateListener:
    """Cancels `scope` when the client has left, once `start` was called."""

    __slots__ = ("listen", "loop", "receive", "scope", "task")

    def __init__(self, loop: "asyncio.AbstractEventLoop", listen: Listen, receive: Receive) -> None:
        self.loop = loop
        self.listen = listen
        self.receive = receive
        self.scope = _scope_class()()
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = self.loop.create_task(cancel_after(self.scope, self.listen, self.receive))


async def _end(task: "asyncio.Task[None]", asyncio: ModuleType) -> None:
    task.cancel()
    with anyio.CancelScope(shield=True):
        await asyncio.wait((task,))
    if not task.cancelled():
        task.result()
