"""The life of a router: its lifespans, its startup and shutdown callables, mounted applications."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio import to_thread

from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_http.types import Message, Receive, Scope, Send
from starlette_routing.routing import Host, Mount, Router

STARTUP: Message = {"type": "lifespan.startup"}
SHUTDOWN: Message = {"type": "lifespan.shutdown"}
COMPLETE = [{"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}]

State = Mapping[str, Any] | None
Noting = Callable[..., Callable[[Any], AbstractAsyncContextManager[Any]]]


@pytest.fixture
def events() -> list[str]:
    """What happened, in order."""
    return []


@pytest.fixture
def noting(events: list[str]) -> Noting:
    """Make a lifespan that notes when it is entered and left, and may give a state or fail."""

    def noting(name: str, state: State = None, *, fails: str = "") -> Any:
        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[State]:
            events.append(f"{name} starts")
            if fails == "startup":
                raise LookupError(name)
            try:
                yield state
            finally:
                await anyio.lowlevel.checkpoint()
                events.append(f"{name} stops")
            if fails == "shutdown":
                raise LookupError(name)

        return lifespan

    return noting


@pytest.fixture
def live(channel: Any) -> Any:
    """Take a router through its life; gives what it sent, and the state."""

    async def live(router: Any, **more: Any) -> tuple[list[Message], dict[str, Any]]:
        connection = channel(STARTUP, SHUTDOWN)
        scope = {"type": "lifespan", "state": {}, **more}
        with anyio.fail_after(5):
            await router(scope, connection.receive, connection.send)
        return connection.sent, scope["state"]

    return live


# One lifespan ---------------------------------------------------------------------------------


async def test_a_router_without_a_lifespan_acknowledges(live: Any) -> None:
    assert await live(Router()) == (COMPLETE, {})


async def test_a_lifespan_is_entered_and_left(live: Any, noting: Any, events: list[str]) -> None:
    sent, state = await live(Router(lifespan=noting("a", {"db": 1})))
    assert sent == COMPLETE
    assert state == {"db": 1}
    assert events == ["a starts", "a stops"]


async def test_a_lifespan_is_given_the_outermost_application(live: Any) -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        seen.append(app)
        yield

    seen: list[Any] = []
    router = Router(lifespan=lifespan)
    await live(router)
    await live(router, app="application")
    assert seen == [None, "application"]


def test_a_single_lifespan_is_kept_as_it_is(noting: Any) -> None:
    lifespan = noting("a")
    assert Router(lifespan=lifespan).lifespan_context is lifespan
    assert Router(lifespan=[lifespan]).lifespan_context is lifespan


async def test_a_replaced_lifespan_is_the_one_that_runs(
    live: Any, noting: Any, events: list[str]
) -> None:
    router = Router(lifespan=noting("old"))
    router.lifespan_context = noting("new")
    await live(router)
    assert events == ["new starts", "new stops"]


@pytest.mark.parametrize("state", [{}, {"db": 1}])
async def test_a_state_needs_a_server_that_has_one(
    channel: Any, noting: Any, state: dict[str, Any]
) -> None:
    connection = channel(STARTUP)
    router = Router(lifespan=noting("a", state))
    with pytest.raises(RuntimeError) as caught:
        await router({"type": "lifespan"}, connection.receive, connection.send)
    assert str(caught.value) == 'The server does not support "state" in the lifespan scope.'


@pytest.mark.parametrize(
    ("fails", "types"),
    [
        ("startup", ["lifespan.startup.failed"]),
        ("shutdown", ["lifespan.startup.complete", "lifespan.shutdown.failed"]),
    ],
)
async def test_a_failure_is_told_with_its_traceback_and_raised(
    channel: Any, noting: Any, fails: str, types: list[str]
) -> None:
    connection = channel(STARTUP, SHUTDOWN)
    router = Router(lifespan=noting("broken", fails=fails))
    with pytest.raises(LookupError, match="broken"):
        await router({"type": "lifespan"}, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == types
    assert connection.sent[-1]["message"].startswith("Traceback (most recent call last):")
    assert connection.sent[-1]["message"].endswith("LookupError: broken\n")


async def _run_until_cancelled(router: Router, sent: list[Message]) -> None:
    """Start a router and cancel it where it waits for the shutdown."""

    async def receive() -> Message:
        if sent:
            cancelled.cancel()
        await anyio.lowlevel.checkpoint()
        return STARTUP

    async def send(message: Message) -> None:
        sent.append(message)

    with anyio.CancelScope() as cancelled:
        await router({"type": "lifespan"}, receive, send)


async def test_nothing_is_sent_from_a_lifespan_that_is_cancelled(
    noting: Any, events: list[str]
) -> None:
    sent: list[Message] = []
    await _run_until_cancelled(Router(lifespan=noting("a")), sent)
    assert sent == COMPLETE[:1]


async def test_an_error_while_being_cancelled_is_not_told_either() -> None:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            raise LookupError("closing") from None

    sent: list[Message] = []
    with pytest.raises(LookupError, match="closing"):
        await _run_until_cancelled(Router(lifespan=lifespan), sent)
    assert sent == COMPLETE[:1]


def test_a_lifespan_that_is_thrown_away_ends_quietly(channel: Any) -> None:
    async def receive() -> Message:
        return STARTUP

    async def send(message: Message) -> None:
        sent.append(message)
        await _forever()

    sent: list[Message] = []
    running = Router()({"type": "lifespan"}, receive, send)
    running.send(None)
    running.close()
    assert sent == [COMPLETE[0]]


class _forever:
    def __await__(self) -> Generator[None, None, None]:
        yield


async def generator(app: Any) -> AsyncGenerator[dict[str, int], None]:
    yield {"async": 1}


def plain_generator(app: Any) -> Generator[dict[str, int], None, None]:
    yield {"plain": 1}


@pytest.mark.parametrize(
    ("lifespan", "kind", "expected"),
    [
        (generator, "async generator", {"async": 1}),
        (plain_generator, "generator", {"plain": 1}),
    ],
)
async def test_a_generator_function_is_taken_with_a_warning(
    live: Any, lifespan: Any, kind: str, expected: dict[str, int]
) -> None:
    with pytest.warns(StarletteDeprecationWarning) as warned:
        router = Router(lifespan=lifespan)
    assert str(warned[0].message) == (
        f"{kind} function lifespans are deprecated, "
        "use an @contextlib.asynccontextmanager function instead"
    )
    assert warned[0].filename == __file__
    assert await live(router) == (COMPLETE, expected)


# Several --------------------------------------------------------------------------------------


async def test_lifespans_are_entered_in_order_and_left_in_reverse(
    live: Any, noting: Any, events: list[str]
) -> None:
    lifespans = [noting("a", {"x": 1, "y": 1}), noting("b"), noting("c", {"y": 2})]
    sent, state = await live(Router(lifespan=lifespans))
    assert sent == COMPLETE
    assert state == {"x": 1, "y": 2}
    assert events == ["a starts", "b starts", "c starts", "c stops", "b stops", "a stops"]


async def test_lifespans_without_a_state_need_none(channel: Any, noting: Any) -> None:
    connection = channel(STARTUP, SHUTDOWN)
    router = Router(lifespan=[noting("a"), noting("b")])
    await router({"type": "lifespan"}, connection.receive, connection.send)
    assert connection.sent == COMPLETE


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("startup", ["a starts", "b starts", "a stops"]),
        ("shutdown", ["a starts", "b starts", "c starts", "c stops", "b stops", "a stops"]),
    ],
)
async def test_when_one_fails_the_others_are_left(
    live: Any, noting: Any, events: list[str], fails: str, expected: list[str]
) -> None:
    with pytest.raises(LookupError, match="b"):
        await live(Router(lifespan=[noting("a"), noting("b", fails=fails), noting("c")]))
    assert events == expected


# Callables ------------------------------------------------------------------------------------


async def test_startup_comes_before_the_lifespan_and_shutdown_after_it(
    live: Any, noting: Any, events: list[str]
) -> None:
    async def async_start() -> None:
        events.append("async start")

    router = Router(
        lifespan=noting("a", {"x": 1}),
        on_startup=[lambda: events.append("start"), async_start],
        on_shutdown=[lambda: events.append("stop"), lambda: events.append("stop again")],
    )
    assert await live(router) == (COMPLETE, {"x": 1})
    assert events == ["start", "async start", "a starts", "a stops", "stop", "stop again"]


async def test_startup_stops_at_the_first_error(live: Any, events: list[str]) -> None:
    def fail() -> None:
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        await live(Router(on_startup=[fail, lambda: events.append("never")]))
    assert events == []


async def test_shutdown_is_called_when_a_lifespan_fails_to_start(
    live: Any, noting: Any, events: list[str]
) -> None:
    router = Router(
        lifespan=noting("a", fails="startup"), on_shutdown=[lambda: events.append("stop")]
    )
    with pytest.raises(LookupError):
        await live(router)
    assert events == ["a starts", "stop"]


async def test_attributes_of_these_names_belong_to_subclasses(live: Any) -> None:
    router = Router()
    for name in ("on_startup", "on_shutdown"):
        assert not hasattr(router, name)
        setattr(router, name, [lambda: pytest.fail("called")])
    assert await live(router) == (COMPLETE, {})


# Mounted applications -------------------------------------------------------------------------


async def test_lifespans_of_mounted_applications_do_not_run_by_themselves(
    live: Any, noting: Any, events: list[str]
) -> None:
    await live(Router([Mount("/m", Router(lifespan=noting("mounted")))]))
    assert events == []


async def test_a_mount_may_ask_for_its_lifespan(live: Any, noting: Any, events: list[str]) -> None:
    inner = Mount("/i", Router(lifespan=noting("inner", {"z": 3})), lifespan=True)
    router = Router(
        [
            Mount("/a", Router([inner], lifespan=noting("a", {"x": 2})), lifespan=True),
            Host("b.org", Router(lifespan=noting("b", {"y": 2})), lifespan=True),
            Mount("/c", Router(lifespan=noting("c"))),
        ],
        lifespan=noting("own", {"x": 1}),
    )
    assert await live(router) == (COMPLETE, {"x": 2, "y": 2, "z": 3})
    assert events == [
        *("own starts", "a starts", "inner starts", "b starts"),
        *("b stops", "inner stops", "a stops", "own stops"),
    ]


async def test_the_router_mounts_with_a_lifespan_too(
    live: Any, noting: Any, events: list[str]
) -> None:
    router = Router()
    router.mount("/a", Router(lifespan=noting("a")), lifespan=True)
    router.host("b.org", Router(lifespan=noting("b")), lifespan=True)
    await live(router)
    assert events == ["a starts", "b starts", "b stops", "a stops"]


async def test_a_mounted_application_without_a_state_needs_none(channel: Any, noting: Any) -> None:
    connection = channel(STARTUP, SHUTDOWN)
    router = Router([Mount("/m", Router(lifespan=noting("a")), lifespan=True)])
    await router({"type": "lifespan"}, connection.receive, connection.send)
    assert connection.sent == COMPLETE


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("startup", ["own starts", "a starts", "b starts", "a stops", "own stops"]),
        ("shutdown", ["own starts", "a starts", "b starts", "b stops", "a stops", "own stops"]),
    ],
)
async def test_when_a_mounted_one_fails_the_others_are_left(
    live: Any, noting: Any, events: list[str], fails: str, expected: list[str]
) -> None:
    router = Router(
        [
            Mount("/a", Router(lifespan=noting("a")), lifespan=True),
            Mount("/b", Router(lifespan=noting("b", fails=fails)), lifespan=True),
        ],
        lifespan=noting("own"),
    )
    with pytest.raises(LookupError, match="b"):
        await live(router)
    assert events == expected


async def _silent(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


async def _failing_startup(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})
    await receive()


async def _failing_shutdown(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "still busy"})


@pytest.mark.parametrize(
    ("app", "failure"),
    [
        (_silent, "it returned without a word. Does it support the lifespan protocol?"),
        (_failing_startup, "no database"),
        (_failing_shutdown, "still busy"),
    ],
)
async def test_what_a_mounted_application_reports_is_raised(
    live: Any, app: Any, failure: str
) -> None:
    with pytest.raises(RuntimeError) as caught:
        await live(Router([Mount("/m", app, lifespan=True)]))
    assert str(caught.value) == f"The lifespan of {app!r} failed: {failure}"


async def test_a_mounted_application_that_breaks_down_ends_the_life(channel: Any) -> None:
    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await send({"type": "vendor.message"})
        raise LookupError("gone")

    connection = channel(STARTUP)
    router = Router([Mount("/m", breaking, lifespan=True)])
    with anyio.fail_after(5), pytest.raises(LookupError, match="gone"):
        await router({"type": "lifespan"}, connection.receive, connection.send)
    types = [message["type"] for message in connection.sent]
    assert types == ["lifespan.startup.complete", "lifespan.shutdown.failed"]


async def test_a_lifespan_is_served_by_a_real_server(
    serve: Any, events: list[str], noting: Any
) -> None:
    await to_thread.run_sync(serve, Router(lifespan=noting("a", {"x": 1})))
    assert events == ["a starts"]
