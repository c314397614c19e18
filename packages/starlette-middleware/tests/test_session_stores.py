"""Sessions that are kept on the server, and the cookie that only names them."""

from collections.abc import Callable
from typing import Any

import httpx
import itsdangerous
import pytest

from starlette_http.response import JSONResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware.sessions import (
    CookieSessionStore,
    MemorySessionStore,
    Session,
    SessionMiddleware,
    SessionStore,
)

Use = Callable[[Session], Any]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Visitor:
    """A client with its cookie, of an application that does with the session what it is told."""

    def __init__(self, store: SessionStore, **options: Any) -> None:
        self.app = SessionMiddleware(self._answer, "key", store=store, **options)
        self.cookie: str | None = None
        self.use: Use = len

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.use(scope["session"])
        await JSONResponse(scope["session"])(scope, receive, send)

    async def does(self, use: Use) -> Any:
        """Make a request that does this; give the session as the application then sees it."""
        self.use = use
        transport = httpx.ASGITransport(self.app)
        headers = {} if self.cookie is None else {"cookie": f"session={self.cookie}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            response = await client.get("/", headers=headers)
        if "set-cookie" in response.headers:
            value = response.headers["set-cookie"].split(";")[0].partition("=")[2]
            self.cookie = None if value == "null" else value
        return response.json()

    @property
    def token(self) -> str:
        assert self.cookie is not None
        return itsdangerous.TimestampSigner("key").unsign(self.cookie).decode()


def set_a(session: Session) -> None:
    session["a"] = 1


@pytest.fixture
def store() -> MemorySessionStore:
    return MemorySessionStore()


async def test_session_comes_back(store: MemorySessionStore) -> None:
    visitor = Visitor(store)
    await visitor.does(set_a)

    assert await visitor.does(len) == {"a": 1}


async def test_cookie_holds_a_name_and_no_content(store: MemorySessionStore) -> None:
    visitor = Visitor(store)
    await visitor.does(set_a)

    assert len(visitor.token) == 43
    assert await store.load(visitor.token) == {"a": 1}


async def test_large_session_does_not_warn(store: MemorySessionStore) -> None:
    visitor = Visitor(store)
    await visitor.does(lambda session: session.update(text="x" * 10_000))

    assert len((await visitor.does(len))["text"]) == 10_000


async def test_name_stays_while_the_session_changes(store: MemorySessionStore) -> None:
    visitor = Visitor(store)
    await visitor.does(set_a)
    before = visitor.token
    await visitor.does(lambda session: session.update(b=2))

    assert visitor.token == before
    assert await visitor.does(len) == {"a": 1, "b": 2}


async def test_emptied_session_is_deleted(store: MemorySessionStore) -> None:
    visitor = Visitor(store)
    await visitor.does(set_a)
    token = visitor.token
    await visitor.does(lambda session: session.clear())

    assert visitor.cookie is None
    assert await store.load(token) is None


async def test_deleted_session_is_empty_for_who_still_has_the_cookie(
    store: MemorySessionStore,
) -> None:
    visitor = Visitor(store)
    await visitor.does(set_a)
    stolen = visitor.token
    await store.delete(stolen)

    assert await visitor.does(len) == {}
    await visitor.does(set_a)
    assert visitor.token != stolen


async def test_regenerated_session_has_a_new_name(store: MemorySessionStore) -> None:
    visitor = Visitor(store)
    await visitor.does(set_a)
    before = visitor.token
    await visitor.does(lambda session: session.regenerate())

    assert visitor.token != before
    assert await store.load(before) is None
    assert await visitor.does(len) == {"a": 1}


async def test_forged_name_is_never_looked_up(store: MemorySessionStore) -> None:
    await store.save("known", {"a": 1}, None)
    visitor = Visitor(store)
    visitor.cookie = itsdangerous.TimestampSigner("other key").sign("known").decode()

    assert await visitor.does(len) == {}


async def test_regenerate_of_a_session_in_its_cookie_saves_it() -> None:
    visitor = Visitor(CookieSessionStore())
    await visitor.does(set_a)
    await visitor.does(lambda session: session.regenerate())

    assert await visitor.does(len) == {"a": 1}


class TestMemorySessionStore:
    @pytest.mark.parametrize(("age", "content"), [(59, {"a": 1}), (60, None)])
    async def test_session_expires(self, age: int, content: dict[str, Any] | None) -> None:
        clock = Clock()
        store = MemorySessionStore(clock=clock)
        token = await store.save(None, {"a": 1}, 60)
        clock.now += age

        assert await store.load(token) == content

    async def test_without_max_age_it_stays(self) -> None:
        clock = Clock()
        store = MemorySessionStore(clock=clock)
        token = await store.save(None, {"a": 1}, None)
        clock.now += 1e9

        assert await store.load(token) == {"a": 1}

    async def test_oldest_is_forgotten_when_there_are_too_many(self) -> None:
        store = MemorySessionStore(maximum=2)
        first, second = [await store.save(None, {"n": n}, None) for n in (1, 2)]
        await store.save(first, {"n": 1}, None)
        third = await store.save(None, {"n": 3}, None)

        assert [await store.load(token) for token in (first, second, third)] == [
            {"n": 1},
            None,
            {"n": 3},
        ]

    async def test_it_keeps_a_copy(self, store: MemorySessionStore) -> None:
        content = {"a": [1]}
        token = await store.save(None, content, None)
        content["a"].append(2)

        assert await store.load(token) == {"a": [1]}

    async def test_unknown_token_is_nothing(self, store: MemorySessionStore) -> None:
        await store.delete("unknown")

        assert await store.load("unknown") is None


async def test_websocket_reads_the_session(channel: Any, store: MemorySessionStore) -> None:
    seen: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["session"])

    token = await store.save(None, {"a": 1}, None)
    cookie = b"session=" + itsdangerous.TimestampSigner("key").sign(token)
    middleware: ASGIApp = SessionMiddleware(app, "key", store=store)
    scope = {"type": "websocket", "headers": [(b"cookie", cookie)]}
    await middleware(scope, channel().receive, channel().send)

    assert seen == [{"a": 1}]
