"""WSGIMiddleware: PEP 3333 over ASGI."""

import importlib
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import httpx
import pytest

from starlette_http.exceptions import StarletteDeprecationWarning
from starlette_http.requests import ClientDisconnect
from starlette_http.types import ASGIApp, Message

with warnings.catch_warnings():
    warnings.simplefilter("ignore", StarletteDeprecationWarning)
    from starlette_middleware.wsgi import WSGIMiddleware, WSGIResponder, build_environ

Environ = dict[str, Any]


def hello(environ: Environ, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type ", " text/plain"), ("X-One", "1")])
    return [b"hello"]


@pytest.fixture
def run(channel: Any) -> Callable[..., Any]:
    """What the middleware sends around this WSGI application."""

    async def run(app: Any, *incoming: Message) -> list[Message]:
        connection = channel(*incoming)
        await WSGIMiddleware(app)(
            {"type": "http", "path": "/"}, connection.receive, connection.send
        )
        sent: list[Message] = connection.sent
        return sent

    return run


Run = Callable[..., Any]


def test_import_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "starlette_middleware.wsgi")
    # Importing sets the attribute of the package anew; this puts back the module that is there.
    monkeypatch.setattr("starlette_middleware.wsgi", None)

    with pytest.warns(StarletteDeprecationWarning) as caught:
        importlib.import_module("starlette_middleware.wsgi")
    assert str(caught[0].message) == (
        "starlette.middleware.wsgi is deprecated and will be removed in a future release. Please"
        " refer to https://github.com/abersheeran/a2wsgi as a replacement."
    )


class TestResponse:
    async def test_messages(self, run: Run) -> None:
        assert await run(hello) == [
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"text/plain"), (b"x-one", b"1")],
            },
            {"type": "http.response.body", "body": b"hello", "more_body": True},
            {"type": "http.response.body", "body": b"", "more_body": False},
        ]

    async def test_each_item_is_a_message(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterator[bytes]:
            start_response("404 Not Found", [])
            yield from (b"one", b"", b"two")

        sent = await run(app)

        assert sent[0]["status"] == 404
        assert [message["body"] for message in sent[1:]] == [b"one", b"", b"two", b""]

    async def test_start_waits_for_the_first_bytes(self, channel: Any) -> None:
        def app(environ: Environ, start_response: Any) -> Iterator[bytes]:
            start_response("200 OK", [])
            yield b""
            try:
                raise LookupError("not too late")
            except LookupError:
                start_response("500 Oops", [], sys.exc_info())

        connection = channel()
        with pytest.raises(LookupError, match="not too late"):
            await WSGIMiddleware(app)(
                {"type": "http", "path": "/"}, connection.receive, connection.send
            )
        assert connection.sent[0]["status"] == 500

    async def test_no_items_are_an_empty_body(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            start_response("204 No Content", [])
            return []

        assert [message.get("body") for message in await run(app)] == [None, b""]

    async def test_write(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            write = start_response("200 OK", [])
            write(b"one")
            return [b"two"]

        assert [message["body"] for message in (await run(app))[1:]] == [b"one", b"two", b""]

    @pytest.mark.parametrize("fails", [False, True])
    async def test_result_is_closed(self, run: Run, fails: bool) -> None:
        closed: list[bool] = []

        class Result:
            def __iter__(self) -> Iterator[bytes]:
                yield b"one"
                if fails:
                    raise LookupError("gone")

            def close(self) -> None:
                closed.append(True)

        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            start_response("200 OK", [])
            return Result()

        if fails:
            with pytest.raises(LookupError, match="gone"):
                await run(app)
        else:
            await run(app)
        assert closed == [True]


class TestErrors:
    async def test_exception_of_the_application(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            raise LookupError("broken")

        with pytest.raises(LookupError, match="broken"):
            await run(app)

    async def test_reported_error_is_raised_after_its_response(self, channel: Any) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            try:
                start_response("200 OK", [])
                raise LookupError("broken")
            except LookupError:
                start_response("500 Internal Server Error", [], sys.exc_info())
            return [b"sorry"]

        connection = channel()
        with pytest.raises(LookupError, match="broken"):
            await WSGIMiddleware(app)(
                {"type": "http", "path": "/"}, connection.receive, connection.send
            )
        assert connection.sent[0]["status"] == 500
        assert connection.body == b"sorry"

    async def test_reported_error_is_raised_at_once_when_the_response_is_on_its_way(
        self, run: Run
    ) -> None:
        def app(environ: Environ, start_response: Any) -> Iterator[bytes]:
            start_response("200 OK", [])
            yield b"one"
            try:
                raise LookupError("broken")
            except LookupError:
                start_response("500 Internal Server Error", [], sys.exc_info())
            raise AssertionError("went on")

        with pytest.raises(LookupError, match="broken"):
            await run(app)

    async def test_second_start_response_is_refused(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            start_response("200 OK", [])
            start_response("200 OK", [])
            return []

        with pytest.raises(RuntimeError, match="called again without exc_info"):
            await run(app)

    @pytest.mark.parametrize("result", [[], [b"body"]])
    async def test_missing_start_response_is_refused(self, run: Run, result: list[bytes]) -> None:
        with pytest.raises(RuntimeError, match=r"start_response\(\)\.$"):
            await run(lambda environ, start_response: result)

    @pytest.mark.parametrize("kind", ["websocket", "lifespan"])
    async def test_other_scopes_are_refused(self, channel: Any, kind: str) -> None:
        with pytest.raises(AssertionError, match=f"serves http scopes, not '{kind}'"):
            await WSGIMiddleware(hello)({"type": kind}, channel().receive, channel().send)


class TestBody:
    async def test_is_read_from_the_client(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            start_response("200 OK", [])
            body = environ["wsgi.input"]
            return [body.read(3), body.readline(), *body, body.read()]

        sent = await run(
            app,
            {"type": "http.request", "body": b"one", "more_body": True},
            {"type": "http.request", "more_body": True},
            {"type": "http.request", "body": b"two\nthree\nfo", "more_body": True},
            {"type": "http.request", "body": b"ur"},
        )

        assert [m["body"] for m in sent[1:]] == [b"one", b"two\n", b"three\n", b"four", b"", b""]

    async def test_is_not_read_in_advance(self, channel: Any) -> None:
        request = {"type": "http.request", "body": b"x"}
        connection = channel(request)
        await WSGIMiddleware(hello)(
            {"type": "http", "path": "/"}, connection.receive, connection.send
        )

        assert connection.incoming == [request]

    async def test_client_that_leaves_ends_it(self, run: Run) -> None:
        def app(environ: Environ, start_response: Any) -> Iterable[bytes]:
            environ["wsgi.input"].read()
            raise AssertionError("went on")

        with pytest.raises(ClientDisconnect):
            await run(
                app,
                {"type": "http.request", "body": b"x", "more_body": True},
                {"type": "http.disconnect"},
            )


class TestEnviron:
    def test_whole(self) -> None:
        environ = build_environ(
            {
                "type": "http",
                "http_version": "2",
                "method": "POST",
                "scheme": "https",
                "path": "/sub/ü b",
                "root_path": "/sub",
                "query_string": b"a=%C3%BC",
                "server": ("example.org", 443),
                "client": ("192.0.2.1", 1234),
                "headers": [
                    (b"content-type", b"text/plain"),
                    (b"content-length", b"4"),
                    (b"x-list", b"a"),
                    (b"x-list", b"b"),
                    (b"cookie", b"a=b"),
                    (b"cookie", b"c=d"),
                ],
            },
            b"body",
        )

        assert environ.pop("wsgi.input").read() == b"body"
        assert environ.pop("wsgi.errors") is sys.stdout
        assert environ == {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "/sub",
            "PATH_INFO": "/Ã¼ b",
            "QUERY_STRING": "a=%C3%BC",
            "SERVER_PROTOCOL": "HTTP/2",
            "SERVER_NAME": "example.org",
            "SERVER_PORT": "443",
            "REMOTE_ADDR": "192.0.2.1",
            "CONTENT_TYPE": "text/plain",
            "CONTENT_LENGTH": "4",
            "HTTP_X_LIST": "a,b",
            "HTTP_COOKIE": "a=b; c=d",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https",
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    @pytest.mark.parametrize("server", [{}, {"server": None}])
    def test_what_is_not_known_has_a_default(self, server: dict[str, Any]) -> None:
        environ = build_environ({"type": "http", "path": "/", "client": None, **server}, b"")

        assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("localhost", "80")
        assert "REMOTE_ADDR" not in environ

    def test_path_is_cut_only_at_a_segment_boundary(self) -> None:
        environ = build_environ({"type": "http", "path": "/subway", "root_path": "/sub"}, b"")

        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("/sub", "/subway")


def test_names() -> None:
    responder = WSGIResponder(hello, {"type": "http"})

    assert WSGIMiddleware(app=hello).app is hello
    assert responder.app is hello
    assert responder.scope == {"type": "http"}
    assert responder.response_started is False
    assert responder.exc_info is None


def test_valid_wsgi_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    def echo(environ: Environ, start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [body]

    url = serve(WSGIMiddleware(validator(echo)), lifespan="off")  # type: ignore[call-arg]
    large = b"x" * 1_000_000

    assert httpx.post(url, content=large).content == large
