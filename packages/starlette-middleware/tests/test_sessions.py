"""SessionMiddleware: the cookie, and the dict that knows what was done to it."""

import copy
import importlib
import json
import pickle
import sys
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx
import itsdangerous
import pytest
from hypothesis import given, strategies as st

from starlette_http.requests import HTTPConnection
from starlette_http.response import PlainTextResponse
from starlette_http.settings import Secret
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware.sessions import Session, SessionMiddleware

Use = Callable[[Any], Any]
CLEARING = "session=null; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; samesite=lax"


def cookie(content: bytes, key: str = "key") -> str:
    """The value that the signer of this key makes of `content`."""
    return itsdangerous.TimestampSigner(key).sign(b64encode(content)).decode()


def using(use: Use) -> ASGIApp:
    """An application that does this with its scope, and answers with the session as JSON."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        use(scope)
        await PlainTextResponse(json.dumps(scope["session"]))(scope, receive, send)

    return app


async def fetch(app: ASGIApp, value: str | None = None, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    if value is not None:
        headers["cookie"] = f"session={value}"
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get("/", headers=headers)


def look(scope: Scope) -> None:
    HTTPConnection(scope).session.get("a")


def set_a(scope: Scope) -> None:
    HTTPConnection(scope).session["a"] = 1


def clear(scope: Scope) -> None:
    HTTPConnection(scope).session.clear()


def nothing(scope: Scope) -> None:
    pass


class TestCookie:
    async def test_its_text_is_as_ever(self) -> None:
        response = await fetch(SessionMiddleware(using(set_a), "key"))
        value, _, attributes = response.headers["set-cookie"].partition("; ")

        assert value.startswith("session=eyJhIjogMX0=.")
        assert itsdangerous.TimestampSigner("key").unsign(value[8:]) == b"eyJhIjogMX0="
        assert attributes == "path=/; Max-Age=1209600; httponly; samesite=lax"

    @pytest.mark.parametrize(
        ("options", "attributes"),
        [
            ({"max_age": None}, "path=/; httponly; samesite=lax"),
            ({"max_age": 0}, "path=/; Max-Age=0; httponly; samesite=lax"),
            (
                {"path": "/app", "same_site": "strict", "max_age": None},
                "path=/app; httponly; samesite=strict",
            ),
            (
                {
                    "https_only": True,
                    "domain": "example.org",
                    "partitioned": True,
                    "same_site": "none",
                },
                "path=/; Max-Age=1209600; httponly; samesite=none; secure; domain=example.org;"
                " partitioned",
            ),
        ],
    )
    async def test_attributes(self, options: dict[str, Any], attributes: str) -> None:
        response = await fetch(SessionMiddleware(using(set_a), "key", **options))

        assert response.headers["set-cookie"].partition("; ")[2] == attributes

    async def test_clearing_has_the_same_flags(self) -> None:
        app = SessionMiddleware(using(clear), "key", path="/x", https_only=True)
        response = await fetch(app, cookie(b'{"a": 1}'))

        assert response.headers["set-cookie"] == (
            "session=null; path=/x; expires=Thu, 01 Jan 1970 00:00:00 GMT; httponly; samesite=lax;"
            " secure"
        )

    async def test_cookie_of_another_name(self) -> None:
        app = SessionMiddleware(using(set_a), "key", session_cookie="sid")
        response = await fetch(app, cookie="session=x; a=b; sid=" + cookie(b'{"b": 2}'))

        assert response.json() == {"b": 2, "a": 1}
        assert response.headers["set-cookie"].startswith("sid=")

    async def test_large_one_warns(self) -> None:
        def fill(scope: Scope) -> None:
            scope["session"]["text"] = "x" * 3100

        with pytest.warns(UserWarning, match="'session' has 4194 bytes, and browsers drop"):
            await fetch(SessionMiddleware(using(fill), "key"))

    async def test_last_of_several_cookie_headers_wins(self, channel: Any) -> None:
        connection = channel()
        headers = [
            (b"cookie", b"session=" + cookie(b'{"a": 1}').encode()),
            (b"cookie", b"session=" + cookie(b'{"a": 2}').encode()),
        ]
        await SessionMiddleware(using(nothing), "key")(
            {"type": "http", "headers": headers}, connection.receive, connection.send
        )

        assert connection.body == b'{"a": 2}'

    @given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=5))
    async def test_any_session_survives_the_round_trip(self, content: dict[str, Any]) -> None:
        def store(scope: Scope) -> None:
            scope["session"].update(content)

        response = await fetch(SessionMiddleware(using(store), "key"))
        stored = response.cookies.get("session")
        if stored is not None:
            response = await fetch(SessionMiddleware(using(nothing), "key"), stored)

        assert response.json() == content


class TestLoading:
    async def test_valid_cookie(self) -> None:
        response = await fetch(SessionMiddleware(using(nothing), "key"), cookie(b'{"a": 1}'))

        assert response.json() == {"a": 1}

    @pytest.mark.parametrize(
        "value",
        [
            None,
            "",
            "null",
            "x.y.z",
            "é",
            cookie(b'{"a": 1}', key="other"),
            cookie(b'{"a": 1}')[:-1],
            "x" + cookie(b'{"a": 1}'),
        ],
    )
    async def test_bad_cookie_is_an_empty_session(self, value: str | None) -> None:
        headers = {} if value is None else {"cookie": f"session={value}".encode()}
        response = await fetch(SessionMiddleware(using(look), "key"), **headers)  # type: ignore[arg-type]

        assert response.json() == {}
        assert "set-cookie" not in response.headers

    @pytest.mark.parametrize(
        "payload",
        [b"", b"not json", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 5000],
        ids=lambda payload: repr(payload[:8]),
    )
    async def test_signed_payload_that_is_no_session_is_an_empty_session(
        self, payload: bytes
    ) -> None:
        response = await fetch(SessionMiddleware(using(nothing), "key"), cookie(payload))

        assert response.json() == {}

    async def test_signed_payload_that_is_not_base64_is_an_empty_session(self) -> None:
        value = itsdangerous.TimestampSigner("key").sign("x").decode()

        assert (await fetch(SessionMiddleware(using(nothing), "key"), value)).json() == {}

    async def test_expired_cookie_is_an_empty_session(self) -> None:
        expired = cookie(b'{"a": 1}')
        app = SessionMiddleware(using(nothing), "key", max_age=-1)

        assert (await fetch(app, expired)).json() == {}

    async def test_without_max_age_no_cookie_expires(self) -> None:
        app = SessionMiddleware(using(nothing), "key", max_age=None)

        assert (await fetch(app, cookie(b'{"a": 1}'))).json() == {"a": 1}

    @pytest.mark.parametrize("kind", ["http", "websocket"])
    async def test_scope_gets_a_session(self, channel: Any, kind: str) -> None:
        scope: dict[str, Any] = {"type": kind}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            pass

        await SessionMiddleware(app, "key")(scope, channel().receive, channel().send)

        assert scope["session"] == Session()

    @pytest.mark.parametrize("kind", ["lifespan", "vendor"])
    async def test_other_scopes_pass_untouched(self, channel: Any, kind: str) -> None:
        seen: list[Any] = []

        async def app(*arguments: Any) -> None:
            seen.extend(arguments)

        scope, receive, send = {"type": kind}, channel().receive, channel().send
        await SessionMiddleware(app, "key")(scope, receive, send)

        assert seen == [scope, receive, send]
        assert scope == {"type": kind}


class TestSaving:
    @pytest.mark.parametrize(
        ("use", "stored", "vary", "set_cookie"),
        [
            (nothing, False, False, None),
            (nothing, True, False, None),
            (look, False, True, None),
            (look, True, True, None),
            (set_a, False, True, "session=eyJhIjogMX0=."),
            (set_a, True, True, "session=eyJiIjogMiwgImEiOiAxfQ==."),
            (clear, False, True, None),
            (clear, True, True, CLEARING),
            (lambda scope: scope["session"].get("a"), True, False, None),
            (lambda scope: scope["session"].mark_accessed(), True, True, None),
            (lambda scope: setattr(scope["session"], "modified", True), True, True, "session="),
        ],
    )
    async def test_what_the_response_says(
        self, use: Use, stored: bool, vary: bool, set_cookie: str | None
    ) -> None:
        value = cookie(b'{"b": 2}') if stored else None
        response = await fetch(SessionMiddleware(using(use), "key"), value)

        assert response.headers.get("vary") == ("Cookie" if vary else None)
        assert response.headers.get("set-cookie", "").startswith(set_cookie or "")
        assert ("set-cookie" in response.headers) == (set_cookie is not None)

    @pytest.mark.parametrize("use", [look, set_a])
    async def test_vary_of_the_application_is_kept(self, use: Use) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            use(scope)
            await PlainTextResponse("", headers={"vary": "Accept"})(scope, receive, send)

        response = await fetch(SessionMiddleware(app, "key"))

        assert response.headers.get_list("vary") == ["Accept, Cookie"]

    async def test_websocket_never_sets_the_cookie(self, channel: Any) -> None:
        accept = {"type": "websocket.accept", "headers": []}

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["session"]["a"] = 1
            await send(accept)

        connection = channel()
        await SessionMiddleware(app, "key")(
            {"type": "websocket"}, connection.receive, connection.send
        )

        assert connection.sent == [accept]

    async def test_value_that_is_no_json_is_an_error_of_the_developer(self) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["session"]["a"] = object()
            await PlainTextResponse("")(scope, receive, send)

        with pytest.raises(TypeError, match="not JSON serializable"):
            await fetch(SessionMiddleware(app, "key"))


class TestReplacedByTheApplication:
    @pytest.mark.parametrize(
        ("replacement", "set_cookie"),
        [
            ({"a": 1}, "session=eyJhIjogMX0=."),
            (Session(a=1), "session=eyJhIjogMX0=."),
            ({}, CLEARING),
            (None, CLEARING),
            (object(), CLEARING),
        ],
        ids=["dict", "Session", "empty", "None", "no mapping"],
    )
    async def test_replacement_is_saved(
        self, channel: Any, replacement: Any, set_cookie: str
    ) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["session"] = replacement
            await send({"type": "http.response.start", "status": 200})

        connection = channel()
        headers = [(b"cookie", b"session=" + cookie(b'{"b": 2}').encode())]
        await SessionMiddleware(app, "key")(
            {"type": "http", "headers": headers}, connection.receive, connection.send
        )
        sent = dict(connection.sent[0]["headers"])

        assert sent[b"vary"] == b"Cookie"
        assert sent[b"set-cookie"].decode().startswith(set_cookie)

    async def test_removal_clears(self, channel: Any) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            del scope["session"]
            await send({"type": "http.response.start", "status": 200})

        connection = channel()
        headers = [(b"cookie", b"session=" + cookie(b'{"b": 2}').encode())]
        await SessionMiddleware(app, "key")(
            {"type": "http", "headers": headers}, connection.receive, connection.send
        )

        assert dict(connection.sent[0]["headers"])[b"set-cookie"].decode() == CLEARING

    async def test_session_of_an_inner_layer_is_left_to_it(self) -> None:
        inner = SessionMiddleware(using(set_a), "other key", session_cookie="inner")
        outer = SessionMiddleware(inner, "key")
        response = await fetch(outer, cookie(b'{"b": 2}'))

        assert response.json() == {"a": 1}
        assert [name for name, _ in response.cookies.items()] == ["inner"]


class TestKeys:
    async def test_secret_object(self) -> None:
        app = SessionMiddleware(using(nothing), Secret("key"))

        assert (await fetch(app, cookie(b'{"a": 1}'))).json() == {"a": 1}

    @pytest.mark.parametrize("key", ["new", "old", "oldest"])
    async def test_all_keys_verify(self, key: str) -> None:
        app = SessionMiddleware(using(nothing), ["new", "old", Secret("oldest")])

        assert (await fetch(app, cookie(b'{"a": 1}', key))).json() == {"a": 1}

    async def test_first_key_signs(self) -> None:
        response = await fetch(SessionMiddleware(using(set_a), ("new", "old")))
        value = response.cookies["session"].strip('"')

        assert itsdangerous.TimestampSigner("new").unsign(value) == b"eyJhIjogMX0="


class TestMistakes:
    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"domain": "a.org; secure"}, "Cookie domain 'a.org; secure' must not contain ';'"),
            ({"domain": "a\r\nb: c"}, "Cookie domain"),
            ({"path": "/;x"}, "Cookie path '/;x'"),
            ({"same_site": "lax;"}, "Cookie same_site 'lax;'"),
            ({"session_cookie": "a b"}, "Cookie name 'a b' must be a token"),
            ({"session_cookie": ""}, "Cookie name ''"),
            ({"secret_key": []}, "at least one secret key; the list is empty"),
        ],
    )
    def test_are_found_at_construction(self, options: dict[str, Any], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            SessionMiddleware(using(nothing), **({"secret_key": "key"} | options))

    def test_missing_library_names_the_extra(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "itsdangerous", None)
        monkeypatch.delitem(sys.modules, "starlette_middleware.sessions")

        with pytest.raises(
            ImportError,
            match=r"^itsdangerous must be installed to use SessionMiddleware\. Install it with:"
            r" pip install 'starlette-middleware\[sessions\]'$",
        ):
            importlib.import_module("starlette_middleware.sessions")


class TestSession:
    @pytest.mark.parametrize(
        ("use", "modified", "content"),
        [
            (lambda s: s.get("a"), False, {"a": 1}),
            (lambda s: s.pop("b", None), False, {"a": 1}),
            (lambda s: s.pop("a"), True, {}),
            (lambda s: s.setdefault("a", 2), False, {"a": 1}),
            (lambda s: s.setdefault("b"), True, {"a": 1, "b": None}),
            (lambda s: s.__setitem__("b", 2), True, {"a": 1, "b": 2}),
            (lambda s: s.__delitem__("a"), True, {}),
            (lambda s: s.clear(), True, {}),
            (lambda s: s.popitem(), True, {}),
            (lambda s: s.update(), True, {"a": 1}),
            (lambda s: s.update({"b": 2}, c=3), True, {"a": 1, "b": 2, "c": 3}),
            (lambda s: s.__ior__({"b": 2}), True, {"a": 1, "b": 2}),
            (lambda s: s.mark_modified(), True, {"a": 1}),
        ],
    )
    def test_what_modifies_it(self, use: Use, modified: bool, content: dict[str, Any]) -> None:
        session = Session(a=1)
        use(session)

        assert session == content
        assert session.modified is modified
        assert session.accessed is modified

    @pytest.mark.parametrize(
        "use", [lambda s: s.pop("x"), lambda s: s.__delitem__("x"), lambda s: s.popitem()]
    )
    def test_what_fails_modifies_nothing(self, use: Use) -> None:
        session = Session()
        with pytest.raises(KeyError):
            use(session)

        assert not session.modified

    def test_union_keeps_the_object(self) -> None:
        session = before = Session(a=1)
        session |= {"b": 2}

        assert session is before

    async def test_copy_is_of_the_content_alone(self, channel: Any) -> None:
        copies: list[Any] = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["session"]["a"] = [1]
            copies.append(copy.deepcopy(scope["session"]))
            copies.append(pickle.loads(pickle.dumps(scope["session"])))

        await SessionMiddleware(app, "key")({"type": "http"}, channel().receive, channel().send)

        assert copies == [{"a": [1]}, {"a": [1]}]

    def test_access_marks(self) -> None:
        session = Session()
        session.mark_accessed()

        assert (session.accessed, session.modified) == (True, False)


def test_attributes() -> None:
    app = using(nothing)
    middleware = SessionMiddleware(app=app, secret_key="key")

    assert middleware.app is app
    assert isinstance(middleware.signer, itsdangerous.TimestampSigner)
    assert middleware.session_cookie == "session"
    assert middleware.max_age == 1209600
    assert middleware.path == "/"
    assert middleware.security_flags == "httponly; samesite=lax"


def test_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    def count(scope: Scope) -> None:
        if scope["type"] == "http":
            session = HTTPConnection(scope).session
            session["count"] = session.get("count", 0) + 1

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            count(scope)
            await PlainTextResponse(str(scope["session"]["count"]))(scope, receive, send)

    with httpx.Client(base_url=serve(SessionMiddleware(app, "key"))) as client:
        assert [client.get("/").text for _ in range(3)] == ["1", "2", "3"]
