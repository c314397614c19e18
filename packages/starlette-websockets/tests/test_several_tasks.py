"""A websocket that several tasks share, and what is cancelled."""

import anyio
import pytest
from sockets import (
    ACCEPT,
    BODY,
    CLOSE,
    CONNECT,
    CONNECTED,
    CONNECTING,
    DISCONNECT,
    DISCONNECTED,
    RESPONSE,
    SEND,
    START,
    Channels,
    Message,
    accepted,
    open_between,
    text,
    websocket_between,
    websocket_over,
)

from starlette_websockets.websockets import (
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)


@pytest.mark.parametrize("name", ["receive", "receive_text", "receive_bytes"])
async def test_two_tasks_receive_in_turn(name: str) -> None:
    waiting = 0
    most = 0
    messages = [{**text("a"), "bytes": b"a"} for _ in range(3)]

    async def receive() -> Message:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        await anyio.lowlevel.checkpoint()
        waiting -= 1
        return messages.pop(0)

    websocket = await open_between(receive=receive)
    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(getattr(websocket, name))
    assert messages == []
    assert most == 1


async def test_of_two_receivers_the_second_learns_of_the_disconnect() -> None:
    gone = anyio.Event()

    async def receive() -> Message:
        await gone.wait()
        return DISCONNECT

    websocket = await open_between(receive=receive)
    ends: list[str] = []

    async def read() -> None:
        try:
            await websocket.receive_text()
        except (WebSocketDisconnect, WebSocketDisconnected) as exc:
            ends.append(type(exc).__name__)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read)
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            gone.set()
    assert ends == ["WebSocketDisconnect", "WebSocketDisconnected"]


async def test_a_cancelled_receiver_leaves_its_turn_to_the_next() -> None:
    ready = anyio.Event()

    async def receive() -> Message:
        await ready.wait()
        return text("for the second")

    websocket = await open_between(receive=receive)
    first = anyio.CancelScope()
    got: list[str] = []

    async def read_in_vain() -> None:
        with first:
            await websocket.receive_text()

    async def read() -> None:
        got.append(await websocket.receive_text())

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(read_in_vain)
            await anyio.wait_all_tasks_blocked()
            tasks.start_soon(read)
            await anyio.wait_all_tasks_blocked()
            first.cancel()
            await anyio.wait_all_tasks_blocked()
            ready.set()
    assert got == ["for the second"]


async def test_a_cancelled_receive_can_be_repeated(channel: Channels) -> None:
    connection = channel()
    websocket = await accepted(connection)
    with anyio.move_on_after(0):
        await websocket.receive_text()
    connection.incoming.append(text("still there"))
    assert await websocket.receive_text() == "still there"


async def test_a_cancelled_accept_can_be_repeated(channel: Channels) -> None:
    connection = channel()
    websocket = websocket_over(connection)
    with anyio.move_on_after(0):
        await websocket.accept()
    connection.incoming.append(CONNECT)
    await websocket.accept()
    assert connection.sent == [{"type": "websocket.accept", "subprotocol": None, "headers": []}]


@pytest.mark.parametrize(
    ("message", "before", "after"),
    [
        (ACCEPT, CONNECTING, CONNECTED),
        (SEND, CONNECTED, CONNECTED),
        (CLOSE, CONNECTED, DISCONNECTED),
        (START, CONNECTING, RESPONSE),
        (BODY, RESPONSE, DISCONNECTED),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else value.name,
)
async def test_a_cancelled_send_has_moved_the_state_and_leaves_nothing_running(
    message: Message, before: WebSocketState, after: WebSocketState
) -> None:
    async def stuck(message: Message) -> None:
        await anyio.sleep_forever()

    websocket = websocket_between(send=stuck)
    websocket.application_state = before
    with anyio.move_on_after(0) as scope:
        await websocket.send(message)
    assert scope.cancelled_caught
    assert websocket.application_state is after


async def test_a_send_overtaken_by_our_close_is_a_disconnected_error() -> None:
    closed = anyio.Event()

    async def send(message: Message) -> None:
        if message["type"] == "websocket.close":
            closed.set()
            return
        await closed.wait()
        raise RuntimeError("Unexpected ASGI message, after sending 'websocket.close'.")

    websocket = await open_between(send=send)
    ends: list[str] = []

    async def chat() -> None:
        try:
            await websocket.send_text("hi")
        except WebSocketDisconnected as exc:
            ends.append(str(exc))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(chat)
            await anyio.wait_all_tasks_blocked()
            await websocket.close()
    assert ends == ['Cannot call "send" once a close message has been sent.']


async def test_a_close_while_another_task_receives_ends_both() -> None:
    closed = anyio.Event()

    async def receive() -> Message:
        await closed.wait()
        return {"type": "websocket.disconnect", "code": 1000, "reason": ""}

    async def send(message: Message) -> None:
        closed.set()

    websocket = await open_between(receive, send)
    read: list[str] = []

    async def reader() -> None:
        async for frame in websocket.iter_text():
            read.append(frame)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(reader)
            await anyio.wait_all_tasks_blocked()
            await websocket.close()
    assert read == []
    assert (websocket.client_state, websocket.application_state) == (DISCONNECTED, DISCONNECTED)
