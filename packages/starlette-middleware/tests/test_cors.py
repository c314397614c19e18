"""CORSMiddleware: preflights, simple responses, and what others override."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from starlette_http.headers import Headers, MutableHeaders
from starlette_http.response import PlainTextResponse, Response
from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_middleware.cors import ALL_METHODS, SAFELISTED_HEADERS, CORSMiddleware

ORIGIN = "https://example.org"
OTHER = "https://other.example"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


def answering(**headers: str) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await PlainTextResponse("hello", headers=named)(scope, receive, send)

    return app


async def fetch(app: ASGIApp, method: str = "GET", **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, "/", headers=named)


async def preflight(app: ASGIApp, origin: str = ORIGIN, **headers: str) -> httpx.Response:
    headers = {"access_control_request_method": "GET", "origin": origin} | headers
    return await fetch(app, "OPTIONS", **headers)


def cors_headers(response: httpx.Response) -> dict[str, str]:
    """The CORS headers and Vary, names without their common prefix."""
    return {
        name.removeprefix("access-control-"): value
        for name, value in response.headers.items()
        if name == "vary" or name.startswith("access-control-")
    }


def test_constants() -> None:
    assert ALL_METHODS == ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY")
    assert SAFELISTED_HEADERS == {
        "Accept",
        "Accept-Language",
        "Content-Language",
        "Content-Type",
    }


class TestSimpleResponses:
    @pytest.mark.parametrize(
        ("options", "origin", "expected"),
        [
            ({}, None, {"vary": "Origin"}),
            ({}, ORIGIN, {"vary": "Origin"}),
            ({"allow_origins": ["*"]}, None, {"vary": "Origin"}),
            ({"allow_origins": ["*"]}, ORIGIN, {"allow-origin": "*", "vary": "Origin"}),
            ({"allow_origins": [ORIGIN]}, ORIGIN, {"allow-origin": ORIGIN, "vary": "Origin"}),
            ({"allow_origins": [ORIGIN]}, OTHER, {"vary": "Origin"}),
            ({"allow_origins": [ORIGIN.upper()]}, ORIGIN, {"vary": "Origin"}),
            (
                {"allow_origin_regex": r"https://.*\.org"},
                ORIGIN,
                {"allow-origin": ORIGIN, "vary": "Origin"},
            ),
            ({"allow_origin_regex": r"https://example"}, ORIGIN, {"vary": "Origin"}),
            (
                {"allow_origins": [ORIGIN], "allow_credentials": True},
                ORIGIN,
                {"allow-origin": ORIGIN, "allow-credentials": "true", "vary": "Origin"},
            ),
            (
                {"allow_origins": [ORIGIN], "allow_credentials": True},
                OTHER,
                {"vary": "Origin"},
            ),
            (
                {"allow_origins": ("*",), "expose_headers": {"X-Total"}},
                ORIGIN,
                {"allow-origin": "*", "expose-headers": "X-Total", "vary": "Origin"},
            ),
            (
                {"allow_origins": [ORIGIN], "expose_headers": ["X-A", "X-B"]},
                OTHER,
                {"expose-headers": "X-A, X-B", "vary": "Origin"},
            ),
        ],
    )
    async def test_headers(
        self, options: dict[str, Any], origin: str | None, expected: dict[str, str]
    ) -> None:
        headers = {} if origin is None else {"origin": origin}
        response = await fetch(CORSMiddleware(hello, **options), **headers)

        assert response.text == "hello"
        assert cors_headers(response) == expected

    async def test_lone_string_is_one_origin(self) -> None:
        app = CORSMiddleware(hello, allow_origins=ORIGIN)

        assert app.is_allowed_origin(ORIGIN)
        assert not app.is_allowed_origin("https://example")

    async def test_all_origins_with_credentials_name_the_origin(self) -> None:
        with pytest.warns(UserWarning, match="lets every site act in the name of your visitors"):
            app = CORSMiddleware(hello, allow_origins=["*"], allow_credentials=True)

        assert cors_headers(await fetch(app, origin=OTHER)) == {
            "allow-origin": OTHER,
            "allow-credentials": "true",
            "vary": "Origin",
        }

    async def test_headers_of_the_application_are_replaced(self) -> None:
        inner = answering(Access_Control_Allow_Origin=OTHER, access_control_allow_credentials="no")
        app = CORSMiddleware(inner, allow_origins=[ORIGIN], allow_credentials=True)
        response = await fetch(app, origin=ORIGIN)

        assert response.headers.get_list("access-control-allow-origin") == [ORIGIN]
        assert response.headers.get_list("access-control-allow-credentials") == ["true"]

    @pytest.mark.parametrize(
        ("vary", "expected"),
        [
            ("Accept-Encoding", "Accept-Encoding, Origin"),
            ("Accept-Encoding, origin", "Accept-Encoding, origin"),
            ("*", "*"),
        ],
    )
    @pytest.mark.parametrize("origin", [ORIGIN, OTHER])
    async def test_vary_of_the_application_is_kept(
        self, vary: str, expected: str, origin: str
    ) -> None:
        app = CORSMiddleware(answering(vary=vary), allow_origins=[ORIGIN])

        assert (await fetch(app, origin=origin)).headers.get_list("vary") == [expected]

    @pytest.mark.parametrize(
        "headers",
        [{"origin": ORIGIN}, {"access_control_request_method": "GET"}, {}],
        ids=["origin only", "method only", "neither"],
    )
    async def test_options_that_is_no_preflight_reaches_the_application(
        self, headers: dict[str, str]
    ) -> None:
        app = CORSMiddleware(hello, allow_origins=["*"])

        assert (await fetch(app, "OPTIONS", **headers)).text == "hello"


class TestPreflights:
    async def test_never_reaches_the_application(self) -> None:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            raise AssertionError("called")

        response = await preflight(CORSMiddleware(app, allow_origins=["*"]))

        assert (response.status_code, response.text) == (200, "OK")
        assert response.headers["content-type"] == "text/plain; charset=utf-8"

    async def test_all_its_headers(self) -> None:
        app = CORSMiddleware(
            hello,
            allow_origins=[ORIGIN],
            allow_methods=["GET", "PUT"],
            allow_headers=["X-Token", "Accept"],
            allow_credentials=True,
            allow_private_network=True,
            expose_headers=["X-Total"],
            max_age=60,
        )
        response = await preflight(
            app,
            access_control_request_method="PUT",
            access_control_request_headers="x-token, content-type",
            access_control_request_private_network="true",
        )

        assert (response.status_code, response.text) == (200, "OK")
        assert cors_headers(response) == {
            "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers,"
            " Access-Control-Request-Private-Network",
            "allow-origin": ORIGIN,
            "allow-methods": "GET, PUT",
            "max-age": "60",
            "allow-headers": "Accept, Accept-Language, Content-Language, Content-Type, X-Token",
            "allow-credentials": "true",
            "allow-private-network": "true",
        }

    async def test_everything_allowed(self) -> None:
        app = CORSMiddleware(hello, allow_origins="*", allow_methods="*", allow_headers="*")
        response = await preflight(
            app,
            access_control_request_method="QUERY",
            access_control_request_headers="X-One,x-two",
        )

        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.headers["access-control-allow-methods"] == ", ".join(ALL_METHODS)
        assert response.headers["access-control-allow-headers"] == "X-One,x-two"

    async def test_no_header_list_for_all_headers_when_none_was_asked_for(self) -> None:
        response = await preflight(CORSMiddleware(hello, allow_origins="*", allow_headers="*"))

        assert "access-control-allow-headers" not in response.headers

    @pytest.mark.parametrize(
        ("request_headers", "refused"),
        [
            ({"origin": OTHER}, "origin"),
            ({"access_control_request_method": "PUT"}, "method"),
            ({"access_control_request_method": "get"}, "method"),
            ({"access_control_request_headers": "X-Nope"}, "headers"),
            ({"access_control_request_headers": "accept, x-nope"}, "headers"),
            ({"access_control_request_headers": ""}, "headers"),
            ({"access_control_request_private_network": "true"}, "private-network"),
            ({"access_control_request_private_network": "false"}, "private-network"),
            (
                {
                    "origin": OTHER,
                    "access_control_request_method": "PUT",
                    "access_control_request_headers": "X-Nope",
                    "access_control_request_private_network": "true",
                },
                "origin, method, headers, private-network",
            ),
        ],
    )
    async def test_what_is_not_allowed_is_named(
        self, request_headers: dict[str, str], refused: str
    ) -> None:
        response = await preflight(CORSMiddleware(hello, [ORIGIN]), **request_headers)

        assert (response.status_code, response.text) == (400, f"Disallowed CORS {refused}")
        assert response.headers["access-control-allow-methods"] == "GET"
        assert response.headers["access-control-max-age"] == "600"

    async def test_refused_origin_gets_neither_origin_nor_credentials(self) -> None:
        app = CORSMiddleware(hello, allow_origins=[ORIGIN], allow_credentials=True)
        response = await preflight(app, OTHER)

        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-credentials" not in response.headers

    @pytest.mark.parametrize("wanted", ["accept", "ACCEPT , Content-Type", "x-token"])
    async def test_header_names_are_compared_in_any_case(self, wanted: str) -> None:
        app = CORSMiddleware(hello, [ORIGIN], allow_headers=["X-Token"])
        response = await preflight(app, access_control_request_headers=wanted)

        assert response.status_code == 200

    async def test_list_that_could_inject_a_header_is_not_echoed(self, channel: Any) -> None:
        connection = channel()
        headers = [
            (b"origin", b"https://example.org"),
            (b"access-control-request-method", b"GET"),
            (b"access-control-request-headers", b"a\r\nset-cookie: b"),
        ]
        scope = {"type": "http", "method": "OPTIONS", "headers": headers}
        app = CORSMiddleware(hello, allow_origins="*", allow_headers="*")
        await app(scope, connection.receive, connection.send)

        assert connection.body == b"Disallowed CORS headers"

    @pytest.mark.parametrize("method", ["OPTIONS", "GET"])
    async def test_origin_that_could_inject_a_header_is_not_echoed(
        self, channel: Any, method: str
    ) -> None:
        app = CORSMiddleware(hello, allow_origin_regex="(?s).*", allow_credentials=True)
        headers = [
            (b"origin", b"https://a\r\nx-forged: 1"),
            (b"access-control-request-method", b"GET"),
        ]
        connection = channel()
        scope = {"type": "http", "method": method, "path": "/", "headers": headers}
        await app(scope, connection.receive, connection.send)

        sent = dict(connection.sent[0]["headers"])
        assert b"access-control-allow-origin" not in sent
        assert b"access-control-allow-credentials" not in sent


class TestMessages:
    """What other frameworks send."""

    async def run(self, channel: Any, *messages: Message, **scope: Any) -> list[Message]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            for message in messages:
                await send(message)

        connection = channel()
        scope = {"type": "http", "method": "GET"} | scope
        await CORSMiddleware(app, allow_origins=[ORIGIN])(
            scope, connection.receive, connection.send
        )
        sent: list[Message] = connection.sent
        return sent

    @pytest.mark.parametrize(
        "make_headers",
        [list, tuple, iter, lambda pairs: [list(pair) for pair in pairs]],
        ids=["list", "tuple", "iterator", "lists"],
    )
    async def test_response_headers_of_any_shape_and_case(
        self, channel: Any, make_headers: Callable[[Any], Any]
    ) -> None:
        headers = make_headers([(b"VARY", b"Accept"), (b"Access-Control-Allow-Origin", b"*")])
        sent = await self.run(
            channel,
            {"type": "http.response.start", "status": 200, "headers": headers},
            headers=[(b"origin", ORIGIN.encode())],
        )

        assert sent == [
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"access-control-allow-origin", ORIGIN.encode()),
                    (b"vary", b"Accept, Origin"),
                ],
            }
        ]

    @pytest.mark.parametrize("scope", [{}, {"headers": iter([(b"x", b"y")])}, {"headers": ()}])
    async def test_missing_headers_are_none(self, channel: Any, scope: dict[str, Any]) -> None:
        sent = await self.run(channel, {"type": "http.response.start", "status": 200}, **scope)

        assert sent[0]["headers"] == [(b"vary", b"Origin")]

    async def test_messages_are_not_changed(self, channel: Any) -> None:
        headers = [(b"Vary", b"Accept")]
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        await self.run(channel, start, headers=[(b"origin", ORIGIN.encode())])

        assert start == {"type": "http.response.start", "status": 200, "headers": headers}
        assert headers == [(b"Vary", b"Accept")]

    @pytest.mark.parametrize(
        "kind",
        ["http.response.body", "http.response.push", "http.response.trailers", "vendor.thing"],
    )
    async def test_other_messages_pass(self, channel: Any, kind: str) -> None:
        message = {"type": kind}
        sent = await self.run(channel, message)

        assert sent[0] is message

    @pytest.mark.parametrize("kind", ["websocket", "lifespan", "vendor"])
    async def test_other_scopes_pass_untouched(self, channel: Any, kind: str) -> None:
        seen: list[Any] = []

        async def app(*arguments: Any) -> None:
            seen.extend(arguments)

        scope, receive, send = {"type": kind}, channel().receive, channel().send
        await CORSMiddleware(app)(scope, receive, send)

        assert seen[0] is scope
        assert seen[1:] == [receive, send]


class TestOverrides:
    async def test_hooks_of_a_subclass_are_called(self) -> None:
        class Custom(CORSMiddleware):
            def is_allowed_origin(self, origin: str) -> bool:
                return origin.endswith(".example")

            async def simple_response(
                self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
            ) -> None:
                assert request_headers["origin"] == OTHER
                await super().simple_response(scope, receive, send, request_headers)

            async def send(self, message: Message, send: Send, request_headers: Headers) -> None:
                assert request_headers["origin"] == OTHER
                await super().send(message, send=send, request_headers=request_headers)

            def preflight_response(self, request_headers: Headers) -> Response:
                return PlainTextResponse("mine")

            @staticmethod
            def allow_explicit_origin(headers: MutableHeaders, origin: str) -> None:
                CORSMiddleware.allow_explicit_origin(headers, origin)
                headers["X-Origin"] = origin

        app = Custom(hello)
        response = await fetch(app, origin=OTHER)

        assert response.headers["access-control-allow-origin"] == OTHER
        assert response.headers["x-origin"] == OTHER
        assert (await preflight(app)).text == "mine"

    async def test_explicit_origin_can_be_replaced_later(
        self, channel: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = CORSMiddleware(PlainTextResponse("ok"), allow_origins=[ORIGIN])
        asked: list[str] = []

        def replacement(headers: MutableHeaders, origin: str) -> None:
            asked.append(origin)

        monkeypatch.setattr(CORSMiddleware, "allow_explicit_origin", staticmethod(replacement))
        connection = channel()
        scope = {"type": "http", "method": "GET", "headers": [(b"origin", ORIGIN.encode())]}
        await app(scope, connection.receive, connection.send)
        assert asked == [ORIGIN]

    def test_explicit_origin_replaces_what_is_there(self) -> None:
        headers = MutableHeaders({"Access-Control-Allow-Origin": "*", "Vary": "Accept"})
        CORSMiddleware.allow_explicit_origin(headers, ORIGIN)

        assert dict(headers) == {"access-control-allow-origin": ORIGIN, "vary": "Accept, Origin"}

    async def test_headers_added_after_construction_are_sent(self) -> None:
        app = CORSMiddleware(hello, allow_origins=["*"])
        app.simple_headers["X-More"] = "1"
        app.preflight_headers["X-More"] = "2"

        assert (await fetch(app, origin=ORIGIN)).headers["x-more"] == "1"
        assert (await preflight(app)).headers["x-more"] == "2"

    def test_attributes(self) -> None:
        app = CORSMiddleware(
            app=hello,
            allow_origins=[ORIGIN],
            allow_headers=["X-A"],
            allow_origin_regex="https://.*",
        )

        assert app.app is hello
        assert app.allow_origins == [ORIGIN]
        assert app.allow_all_origins is False
        assert app.allow_all_headers is False
        assert app.allow_headers == [
            "accept",
            "accept-language",
            "content-language",
            "content-type",
            "x-a",
        ]
        assert app.allow_origin_regex is not None
        assert app.allow_origin_regex.pattern == "https://.*"
        assert app.simple_headers == {}
        assert app.preflight_explicit_allow_origin is True


def test_over_a_real_server(serve: Callable[[ASGIApp], str]) -> None:
    url = serve(CORSMiddleware(hello, allow_origins=[ORIGIN], allow_methods=["PUT"]))
    simple = httpx.get(url, headers={"Origin": ORIGIN})
    preflight = httpx.options(
        url, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}
    )

    assert cors_headers(simple) == {"allow-origin": ORIGIN, "vary": "Origin"}
    assert (preflight.status_code, preflight.text) == (200, "OK")
