"""The debug page of `ServerErrorMiddleware(debug=True)`."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from starlette_http.requests import Request
from starlette_http.response import PlainTextResponse
from starlette_http.types import Receive, Scope, Send
from starlette_middleware import ServerErrorMiddleware, errors


async def respond(channel: Any, endpoint: Callable[[], None], scope: Scope) -> Any:
    """Answer `scope` with a debugging layer around an application that calls `endpoint`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        endpoint()

    connection = channel()
    with pytest.raises(BaseException):  # noqa: B017, PT011
        await ServerErrorMiddleware(app, debug=True)(scope, connection.receive, connection.send)
    return connection


def http(accept: bytes | None = b"text/html", *headers: tuple[bytes, bytes], **more: Any) -> Scope:
    accepts = [] if accept is None else [(b"accept", accept)]
    scope = {"type": "http", "method": "GET", "path": "/path", "query_string": b""}
    return scope | {"headers": [*accepts, *headers], "server": ("example.org", 80)} | more


def page_of(error: BaseException, limit: int = 7) -> str:
    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    return ServerErrorMiddleware(app, debug=True).generate_html(error, limit)  # type: ignore[arg-type]


def raised(function: Callable[[], object]) -> BaseException:
    try:
        function()
    except BaseException as error:
        return error
    raise AssertionError


def fail() -> None:
    marker = "<script>alert(1)</script>"
    raise ValueError(marker)


def text_of(page: str) -> str:
    return re.sub("<[^>]*>", "", page)


# Who gets what.


@pytest.mark.parametrize(
    "accept",
    [
        b"text/html",
        b"text/html,application/xhtml+xml,*/*;q=0.8",
        b"TEXT/HTML",
        b"a/b, text/html;q=0.1",
    ],
)
async def test_a_client_that_asks_for_html_gets_a_page(channel: Any, accept: bytes) -> None:
    connection = await respond(channel, fail, http(accept))
    assert connection.sent[0]["status"] == 500
    assert (b"content-type", b"text/html; charset=utf-8") in connection.sent[0]["headers"]
    assert b"<title>Starlette Debugger</title>" in connection.body


@pytest.mark.parametrize("accept", [None, b"*/*", b"text/plain", b"text/html;q=0", b"text/htmlx"])
async def test_any_other_client_gets_text(channel: Any, accept: bytes | None) -> None:
    connection = await respond(channel, fail, http(accept))
    assert connection.sent[0]["status"] == 500
    assert (b"content-type", b"text/plain; charset=utf-8") in connection.sent[0]["headers"]
    assert connection.body.startswith(b"Traceback (most recent call last)")
    assert connection.body.endswith(b"ValueError: <script>alert(1)</script>\n")


@pytest.mark.parametrize("accept", [b"text/html", b"*/*"])
async def test_without_debug_nothing_is_shown(channel: Any, accept: bytes) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        fail()

    connection = channel()
    with pytest.raises(ValueError, match="script"):
        await ServerErrorMiddleware(app)(http(accept), connection.receive, connection.send)
    assert connection.body == b"Internal Server Error"


async def test_the_page_comes_before_a_handler(channel: Any) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        fail()

    async def handler(request: Request, exc: Exception) -> PlainTextResponse:
        raise AssertionError

    connection = channel()
    middleware = ServerErrorMiddleware(app, handler=handler, debug=True)
    with pytest.raises(ValueError, match="script"):
        await middleware(http(), connection.receive, connection.send)
    assert b"Starlette Debugger" in connection.body


# The exception.


def test_the_page_says_what_happened() -> None:
    page = page_of(raised(fail))
    assert "<h1>500 Server Error</h1>" in page
    assert "<h2>ValueError: &lt;script&gt;alert(1)&lt;/script&gt;</h2>" in page
    assert "Traceback" in page


def test_nothing_of_the_exception_is_markup() -> None:
    assert "<script>alert" not in page_of(raised(fail))


def test_the_type_is_named_in_full() -> None:
    page = page_of(raised(lambda: json.loads("")))
    assert "<h2>json.decoder.JSONDecodeError: Expecting value: line 1 column 1" in page


def test_an_exception_whose_text_fails_is_shown() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise KeyError

    assert "Mute: &lt;its text raised KeyError&gt;" in page_of(raised(lambda: throw(Mute())))


def throw(error: BaseException) -> None:
    raise error


def test_a_cause_is_shown_below() -> None:
    def chained() -> None:
        try:
            fail()
        except ValueError as error:
            raise KeyError("second") from error

    page = text_of(page_of(raised(chained)))
    assert page.index("KeyError: &#x27;second&#x27;") < page.index("It was directly caused by:")
    assert page.index("It was directly caused by:") < page.rindex("ValueError: ")


def test_an_exception_raised_in_the_handling_of_another_is_shown_with_it() -> None:
    def handling() -> None:
        try:
            fail()
        except ValueError:
            throw(KeyError("second"))

    assert "It was raised during the handling of:" in page_of(raised(handling))


def test_a_suppressed_context_is_not_shown() -> None:
    def suppressing() -> None:
        try:
            fail()
        except ValueError:
            raise KeyError("second") from None

    assert '<p class="note">' not in page_of(raised(suppressing))


def test_the_members_of_a_group_are_shown() -> None:
    errors = [raised(fail), ExceptionGroup("inner", [KeyError("a"), KeyError("b")])]
    page = text_of(page_of(raised(lambda: throw(ExceptionGroup("outer", errors)))))  # type: ignore
    positions = [
        page.index(part)
        for part in (
            "ExceptionGroup: outer (2 sub-exceptions)",
            "Exception 1 of 2 in that group:",
            "ExceptionGroup: inner (2 sub-exceptions)",
            "KeyError: &#x27;a&#x27;",
            "KeyError: &#x27;b&#x27;",
        )
    ]
    assert positions == sorted(positions)


def test_exceptions_that_cause_each_other_are_shown_once() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert page_of(first).count("ValueError: second") == 1


def test_a_large_group_is_cut() -> None:
    group = ExceptionGroup("large", [ValueError(str(number)) for number in range(1000)])
    assert page_of(group).count("<h3>") == 19


# Frames.


def test_frames_are_shown_innermost_first_and_only_that_one_is_open() -> None:
    page = page_of(raised(lambda: fail()))
    names = re.findall('class="frame-name">([^<]*)<', page)
    assert names == ["fail", "&lt;lambda&gt;", "raised"]
    assert re.findall('<details class="frame"( open)?>', page) == [" open", "", ""]


def test_the_current_line_is_in_the_middle_of_its_source() -> None:
    page = page_of(raised(fail), limit=3)
    source = page[page.index('<pre class="source">') : page.index("</pre>")]
    number = fail.__code__.co_firstlineno + 2
    assert re.findall(r'(center)?-line"><span class="lineno">(\d+)<', source) == [
        ("", str(number - 1)),
        ("center", str(number)),
        ("", str(number + 1)),
    ]


def test_a_frame_without_source_is_shown() -> None:
    page = page_of(raised(lambda: eval("1 / 0")))
    assert 'File <span class="frame-filename">&lt;string&gt;</span>, line 1' in page


def test_of_a_deep_recursion_the_middle_is_left_out() -> None:
    def deeper() -> None:
        deeper()

    page = page_of(raised(deeper))
    assert page.count('<details class="frame"') == 40
    assert re.search(r"\d+ frames are left out", page)


def test_the_templates_of_the_module_can_be_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "TEMPLATE", "{error}|{exc_html}|{unknown}")
    monkeypatch.setattr(errors, "FRAME_TEMPLATE", "{frame_name}:{code_context};")
    monkeypatch.setattr(errors, "LINE", "{lineno}")
    monkeypatch.setattr(errors, "CENTER_LINE", "[{lineno}]")
    number = fail.__code__.co_firstlineno + 2
    assert page_of(raised(fail), limit=1).startswith(
        f"ValueError: &lt;script&gt;alert(1)&lt;/script&gt;|fail:[{number}];raised:["
    )


def test_the_parts_of_the_page_can_be_overridden() -> None:
    class Terse(ServerErrorMiddleware):
        def generate_frame_html(self, frame: Any, is_collapsed: bool) -> str:
            return f"({frame.function} {is_collapsed})"

    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    page = Terse(app).generate_html(raised(fail))  # type: ignore[arg-type]
    assert "(fail False)(raised True)" in page


# Local variables.


def locals_of(page: str) -> str:
    return "".join(re.findall('<details class="locals">.*?</details>', page, re.DOTALL))


def test_local_variables_are_behind_a_click() -> None:
    found = locals_of(page_of(raised(fail)))
    assert "<summary>Local variables</summary>" in found
    assert "<td>marker</td><td>&#x27;&lt;script&gt;alert(1)&lt;/script&gt;&#x27;</td>" in found


def test_secrets_are_masked() -> None:
    def login() -> None:
        password = "hunter2"
        form = {"user": "grace", "api_key": "hunter2", "nested": [{"Token": "hunter2"}]}
        headers = [(b"authorization", b"Bearer hunter2"), (b"host", b"example.org")]
        url = "https://example.org/?page=1&access_token=hunter2#top"
        raise LookupError(password and form and headers and url and None)

    page = page_of(raised(login))
    found = locals_of(page)
    source = page.count("hunter2") - found.count("hunter2")
    assert source > 0  # the lines of source are what they are
    assert "hunter2" not in found
    for shown in ("grace", "example.org", "page=1", "********"):
        assert shown in found


def test_a_repr_that_raises_does_not_break_the_page() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    def function() -> None:
        broken = [Broken()]
        raise LookupError(len(broken))

    assert "[&lt;Broken instance at 0x" in page_of(raised(function))


def test_a_repr_that_does_not_end_is_stopped() -> None:
    class Endless:
        def __repr__(self) -> str:
            while True:
                pass

    def function() -> None:
        endless = Endless()
        raise LookupError(type(endless))

    assert "Endless: its repr took more than 0.1 seconds&gt;" in page_of(raised(function))


def test_after_too_many_slow_variables_no_more_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starlette_middleware.debug_page.MAX_SECONDS", -1.0)
    assert "Local variables are left out" in page_of(raised(fail))


def test_large_values_are_cut() -> None:
    class Large:
        def __repr__(self) -> str:
            return "<Large " + "x" * 1_000_000

    def function() -> None:
        values = ["y" * 1_000_000, b"z" * 1_000_000, list(range(1_000_000)), Large()]
        raise LookupError(len(values))

    page = page_of(raised(function))
    assert len(page) < 50_000


def test_many_variables_are_cut() -> None:
    source = "".join(f"v{number} = {number}\n" for number in range(1000)) + "1 / 0"
    page = page_of(raised(lambda: exec(source, {})))
    assert "<td>...</td><td>and 950 more</td>" in page


def test_a_frame_without_variables_has_none() -> None:
    def empty() -> None:
        raise LookupError

    page = page_of(raised(empty))
    first = page[page.index('<details class="frame"') : page.index("</details>")]
    assert "Local variables" not in first


# The request.


async def test_the_request_is_shown_without_its_secrets(channel: Any) -> None:
    scope = http(
        b"text/html",
        (b"user-agent", b"<browser>"),
        (b"authorization", b"Bearer hunter2"),
        (b"cookie", b"session=hunter2"),
        (b"x-api-key", b"hunter2"),
        (b"x-csrf-token", b"hunter2"),
        (b"referer", b"https://example.org/?password=hunter2&page=1"),
        query_string=b"page=2&token=hunter2",
        path_params={"user": "grace"},
        client=("127.0.0.1", 5000),
        http_version="1.1",
    )

    def endpoint() -> None:
        raise LookupError

    connection = await respond(channel, endpoint, scope)
    body = connection.body.decode()
    assert "hunter2" not in body
    request = body[body.index('<div class="request">') :]
    for shown in (
        "<td>method</td><td>GET</td>",
        "<td>URL</td><td>http://example.org/path?page=2&amp;token=********</td>",
        "<td>client</td><td>127.0.0.1:5000</td>",
        "<td>path parameters</td><td>{&#x27;user&#x27;: &#x27;grace&#x27;}</td>",
        "<td>user-agent</td><td>&lt;browser&gt;</td>",
        "<td>authorization</td><td>********</td>",
        "<td>referer</td><td>https://example.org/?password=********&amp;page=1</td>",
    ):
        assert shown in request


async def test_a_scope_with_little_in_it_is_shown(channel: Any) -> None:
    scope: Scope = {"type": "http", "path": "/", "headers": [(b"accept", b"text/html")]}
    connection = await respond(channel, fail, scope)
    assert b"<td>client</td><td>None</td>" in connection.body


async def test_text_that_cannot_be_encoded_is_escaped(channel: Any) -> None:
    def endpoint() -> None:
        raise LookupError("\ud800")

    connection = await respond(channel, endpoint, http())
    assert rb"LookupError: \ud800" in connection.body


async def test_the_page_asks_for_nothing_else(channel: Any) -> None:
    connection = await respond(channel, fail, http())
    body = connection.body.decode()
    assert not re.search(r"""(src|href|url|@import)\s*[=(]""", body[: body.index("<body>")])
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)", body)


async def test_the_page_is_made_for_phones_and_dark_mode(channel: Any) -> None:
    connection = await respond(channel, fail, http())
    assert b'name="viewport" content="width=device-width, initial-scale=1"' in connection.body
    assert b"prefers-color-scheme: dark" in connection.body
