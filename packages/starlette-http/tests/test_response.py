"""Response and the responses that only render differently, over the ASGI interface."""

import functools
import json
from array import array
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, strategies as st

from starlette_http.asgi2 import serving_scope
from starlette_http.background import BackgroundTask
from starlette_http.headers import Headers
from starlette_http.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette_http.urls import URL

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}


async def test_a_response_is_a_start_and_a_body(channel: Any) -> None:
    connection = channel()
    await Response("héllo")(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent == [
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"6")]},
        {"type": "http.response.body", "body": "héllo".encode()},
    ]


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (None, b""),
        ("é", b"\xc3\xa9"),
        (b"\xff", b"\xff"),
        (memoryview(b"view"), b"view"),
        (memoryview(b"vxixexwx")[::2], b"view"),
        (memoryview(array("H", [1, 1])), bytes(array("H", [1, 1]))),
        (memoryview(array("H")), b""),
    ],
    ids=["none", "str", "bytes", "view", "strided-view", "view-of-numbers", "empty-view"],
)
def test_content_is_rendered_to_bytes(content: Any, body: bytes) -> None:
    response = Response(content)
    assert bytes(response.body) == body
    assert response.raw_headers == [(b"content-length", str(len(body)).encode())]


@pytest.mark.parametrize(
    "content", [1, {"a": 1}, bytearray(b"a")], ids=["int", "dict", "bytearray"]
)
def test_other_content_is_an_attribute_error(content: Any) -> None:
    with pytest.raises(AttributeError, match="encode"):
        Response(content)


def test_text_is_encoded_with_the_charset_of_the_class() -> None:
    class Latin(PlainTextResponse):
        charset = "latin-1"

    response = Latin("é")
    assert response.body == b"\xe9"
    assert response.headers["content-type"] == "text/plain; charset=latin-1"


def test_given_headers_come_first_in_lower_case() -> None:
    response = Response("a", headers={"X-One": "Ä", "x-Two": "2"}, media_type="text/css")
    assert response.raw_headers == [
        (b"x-one", b"\xc4"),
        (b"x-two", b"2"),
        (b"content-length", b"1"),
        (b"content-type", b"text/css; charset=utf-8"),
    ]


def test_headers_that_repeat_a_name_stay_repeated() -> None:
    headers = Headers(raw=[(b"a", b"1"), (b"a", b"2")])
    assert Response(headers=headers).headers.getlist("a") == ["1", "2"]


def test_given_content_length_and_content_type_are_kept() -> None:
    headers = {"Content-Length": "99", "Content-Type": "text/odd"}
    response = PlainTextResponse("a", headers=headers)
    assert response.raw_headers == [(b"content-length", b"99"), (b"content-type", b"text/odd")]


@pytest.mark.parametrize(
    ("media_type", "content_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/html; Charset=ascii", "text/html; Charset=ascii"),
        ("application/json", "application/json"),
    ],
)
def test_only_text_without_a_charset_gets_one(media_type: str, content_type: str) -> None:
    assert Response(media_type=media_type).headers["content-type"] == content_type


def test_without_a_media_type_there_is_no_content_type() -> None:
    assert "content-type" not in Response("a").headers


def test_a_media_type_belongs_to_the_instance_only_if_given() -> None:
    assert "media_type" not in vars(HTMLResponse(""))
    assert HTMLResponse("", media_type="text/xml").media_type == "text/xml"


@pytest.mark.parametrize("status", ["200", None])
def test_a_status_that_is_no_number_is_told_at_construction(status: Any) -> None:
    with pytest.raises(TypeError, match="not supported between instances of"):
        Response("a", status)


@pytest.mark.parametrize("status", [100, 103, 204, 304])
async def test_a_status_without_content_sends_none(channel: Any, status: int) -> None:
    connection = channel()
    response = PlainTextResponse("lost", status)
    await response(dict(SCOPE), connection.receive, connection.send)
    content_type = (b"content-type", b"text/plain; charset=utf-8")
    assert connection.sent == [
        {"type": "http.response.start", "status": status, "headers": [content_type]},
        {"type": "http.response.body", "body": b""},
    ]


@pytest.mark.parametrize("line_break", ["\r", "\n", "\0", "\r\nset-cookie: a=b"])
def test_a_header_cannot_break_its_line(line_break: str) -> None:
    with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
        Response(headers={"x-name": f"a{line_break}"})
    with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
        Response(headers={f"x-{line_break}": "a"})
    with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
        Response(media_type=f"text/plain{line_break}")
    with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
        Response().headers["x-name"] = f"a{line_break}"


def test_headers_are_one_object_over_raw_headers() -> None:
    response = Response()
    assert response.headers is response.headers
    response.headers["x-name"] = "a"
    assert (b"x-name", b"a") in response.raw_headers


def test_headers_follow_raw_headers_that_were_assigned() -> None:
    response = Response(headers={"x-name": "old"})
    assert response.headers["x-name"] == "old"
    response.raw_headers = [(b"x-name", b"new")]
    assert response.headers["x-name"] == "new"


async def test_raw_headers_may_be_assigned_as_a_tuple(channel: Any) -> None:
    response = Response()
    response.raw_headers = ((b"x-name", b"a"),)  # type: ignore[assignment]
    response.headers["x-more"] = "b"
    response.set_cookie("c", "d", path=None, samesite=None)
    connection = channel()
    await response(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent[0]["headers"] == [
        (b"x-name", b"a"),
        (b"x-more", b"b"),
        (b"set-cookie", b"c=d"),
    ]


async def test_a_subclass_may_render_and_add_headers(channel: Any) -> None:
    class Shouting(Response):
        def render(self, content: str) -> bytes:
            return content.upper().encode()

        def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
            super().init_headers({"x-volume": "11", **(headers or {})})

    connection = channel()
    await Shouting("a")(dict(SCOPE), connection.receive, connection.send)
    assert connection.sent[0]["headers"] == [(b"x-volume", b"11"), (b"content-length", b"1")]
    assert connection.body == b"A"


def test_a_subclass_without_a_body_has_no_content_length() -> None:
    class Bodiless(Response):
        def __init__(self) -> None:
            self.status_code = 200
            self.init_headers({"a": "b"})

    assert Bodiless().raw_headers == [(b"a", b"b")]


async def test_background_runs_after_the_body_was_sent(channel: Any) -> None:
    connection = channel()
    seen: list[int] = []
    task = BackgroundTask(lambda: seen.append(len(connection.sent)))
    await Response("a", background=task)(dict(SCOPE), connection.receive, connection.send)
    assert seen == [2]


async def test_in_a_websocket_scope_a_response_denies_the_handshake(channel: Any) -> None:
    connection = channel()
    await Response("no", 403)({"type": "websocket"}, connection.receive, connection.send)
    assert connection.sent == [
        {
            "type": "websocket.http.response.start",
            "status": 403,
            "headers": [(b"content-length", b"2")],
        },
        {"type": "websocket.http.response.body", "body": b"no"},
    ]


async def test_a_response_can_be_called_without_a_scope(channel: Any) -> None:
    positional, named, deaf = channel(), channel(), channel()
    response = PlainTextResponse("hello")
    await response(positional.receive, positional.send)
    await response(receive=named.receive, send=named.send)
    await response(None, deaf.send)
    assert positional.sent == named.sent == deaf.sent
    assert positional.body == b"hello"


async def test_without_a_scope_it_answers_the_one_being_served(channel: Any) -> None:
    connection = channel()
    token = serving_scope.set({"type": "websocket"})
    await Response("no", 403)(connection.receive, connection.send)
    serving_scope.reset(token)
    assert connection.sent[0]["type"] == "websocket.http.response.start"


async def test_a_scope_may_be_passed_by_keyword(channel: Any) -> None:
    connection = channel()
    await Response("a")(scope=dict(SCOPE), receive=connection.receive, send=connection.send)
    assert connection.body == b"a"


async def test_a_subclass_that_overrides_the_three_argument_call_works(channel: Any) -> None:
    class Marked(Response):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            self.headers["x-path"] = scope["path"]
            await super().__call__(scope, receive, send)

    connection = channel()
    await Marked("a")(dict(SCOPE), connection.receive, connection.send)
    assert (b"x-path", b"/") in connection.sent[0]["headers"]


@pytest.mark.parametrize(
    ("response", "content_type"),
    [
        (HTMLResponse("a"), "text/html; charset=utf-8"),
        (PlainTextResponse("a"), "text/plain; charset=utf-8"),
        (JSONResponse("a"), "application/json"),
    ],
    ids=["html", "plain", "json"],
)
def test_each_kind_has_its_type(response: Response, content_type: str) -> None:
    assert response.headers["content-type"] == content_type


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({"a": [1, "é", None]}, '{"a":[1,"é",null]}'),
        (None, "null"),
        ({1: True}, '{"1":true}'),
        ("\ud800", '"\\ud800"'),
    ],
    ids=["compact-utf8", "none", "number-key", "lone-surrogate"],
)
def test_json_is_compact_utf8(content: Any, body: str) -> None:
    assert JSONResponse(content).body == body.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_json_has_no_nan_and_no_infinity(number: float) -> None:
    with pytest.raises(ValueError, match="Out of range float values are not JSON compliant"):
        JSONResponse({"number": number})


def test_json_wants_its_content() -> None:
    with pytest.raises(TypeError, match="content"):
        JSONResponse()  # type: ignore[call-arg]


def test_a_subclass_chooses_its_encoder() -> None:
    def encode(content: Any) -> bytes:
        return repr(content).encode()

    class Bytes(JSONResponse):
        encoder = encode

    class Text(JSONResponse):
        encoder = functools.partial(json.dumps, default=str)

    assert Bytes((1, 2)).body == b"(1, 2)"
    assert Text({"path": URL("/é")}).body == b'{"path": "/\\u00e9"}'


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_is_read_back_as_it_was(content: Any) -> None:
    assert json.loads(bytes(JSONResponse(content).body)) == content


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/a?b=c#d", "/a?b=c#d"),
        ("https://user@[::1]:80/~a_b.c-d", "https://user@[::1]:80/~a_b.c-d"),
        ("/%20 é", "/%20%20%C3%A9"),
        ('/"\\', "/%22%5C"),
        ("/\r\nset-cookie: a=b", "/%0D%0Aset-cookie:%20a=b"),
        ("/\ud800", "/%ED%A0%80"),
        (URL("/a b"), "/a%20b"),
    ],
    ids=["plain", "authority", "existing-escape", "quotes", "line-break", "surrogate", "url"],
)
def test_redirect_targets_are_percent_encoded(url: str, location: str) -> None:
    response = RedirectResponse(url)
    assert (response.status_code, response.body) == (307, b"")
    assert response.raw_headers == [(b"content-length", b"0"), (b"location", location.encode())]


def test_a_redirect_replaces_a_given_location() -> None:
    response = RedirectResponse("/b", 303, headers={"Location": "/a", "x-name": "a"})
    assert response.status_code == 303
    assert response.headers.getlist("location") == ["/b"]
    assert response.headers["x-name"] == "a"


def test_a_replaced_json_dumps_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starlette_http.responses.json.dumps", lambda content, **options: "mine")
    assert JSONResponse({}).body == b"mine"
