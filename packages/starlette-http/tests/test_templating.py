"""Templates: the context they get, and the responses that they become."""

import importlib
import itertools
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio.lowlevel
import httpx
import jinja2
import pytest

from starlette_http.background import BackgroundTask
from starlette_http.requests import ClientDisconnect, Request
from starlette_http.responses import HTMLResponse, StreamingResponse
from starlette_http.templating import Jinja2Templates, pass_context
from starlette_http.urls import URLPath


class Router:
    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        return URLPath(f"/{name}/{path_params['name']}")


def request_with(**scope: Any) -> Request:
    return Request(
        {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"h")], **scope}
    )


def templates_of(*, context_processors: Any = None, **sources: str) -> Jinja2Templates:
    env = jinja2.Environment(loader=jinja2.DictLoader(sources), autoescape=True)
    return Jinja2Templates(env=env, context_processors=context_processors)


def async_templates_of(*, context_processors: Any = None, **sources: str) -> Jinja2Templates:
    env = jinja2.Environment(loader=jinja2.DictLoader(sources), enable_async=True)
    return Jinja2Templates(env=env, context_processors=context_processors)


def test_template_of_a_directory_is_rendered_as_html(tmp_path: Path) -> None:
    (tmp_path / "hello.html").write_text("Hello, {{ name }}!")
    templates = Jinja2Templates(tmp_path)
    response = templates.TemplateResponse(request_with(), "hello.html", {"name": "<b>"})
    assert isinstance(response, HTMLResponse)
    assert response.body == b"Hello, &lt;b&gt;!"
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_directories_are_looked_at_in_turn(tmp_path: Path) -> None:
    (tmp_path / "second.html").write_text("found")
    templates = Jinja2Templates([tmp_path / "first", str(tmp_path)])
    assert templates.TemplateResponse(request_with(), "second.html").body == b"found"


@pytest.mark.parametrize(
    ("name", "expected"), [("a.html", "&lt;"), ("a.htm", "&lt;"), ("a.xml", "&lt;"), ("a.txt", "<")]
)
def test_html_and_xml_of_a_directory_are_escaped(tmp_path: Path, name: str, expected: str) -> None:
    (tmp_path / name).write_text("{{ text }}")
    response = Jinja2Templates(tmp_path).TemplateResponse(request_with(), name, {"text": "<"})
    assert response.body == expected.encode()


@pytest.mark.parametrize(
    "options",
    [{}, {"directory": "", "env": None}, {"directory": "here", "env": jinja2.Environment()}],
)
def test_directory_or_environment_must_be_given(options: dict[str, Any]) -> None:
    with pytest.raises(AssertionError, match="^either 'directory' or 'env' arguments must be"):
        Jinja2Templates(**options)


def test_response_takes_status_headers_media_type_and_background() -> None:
    task = BackgroundTask(print)
    response = templates_of(page="text").TemplateResponse(
        request_with(), "page", {}, 201, {"x-a": "b"}, "text/plain", task
    )
    assert response.status_code == 201
    assert response.headers["x-a"] == "b"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.background is task


def test_missing_template_is_template_not_found() -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        templates_of().TemplateResponse(request_with(), "page")


def test_get_template_gives_a_template_to_render_by_hand() -> None:
    assert templates_of(page="{{ a }}").get_template("page").render(a=1) == "1"


def test_template_has_the_request() -> None:
    response = templates_of(page="{{ request.method }}").TemplateResponse(request_with(), "page")
    assert response.body == b"GET"


def test_request_in_the_context_given_wins() -> None:
    response = templates_of(page="{{ request }}").TemplateResponse(
        request_with(), "page", {"request": "mine"}
    )
    assert response.body == b"mine"


def test_template_can_make_the_url_of_a_route() -> None:
    templates = templates_of(page="{{ url_for('item', name='a') }}")
    response = templates.TemplateResponse(request_with(router=Router()), "page")
    assert response.body == b"http://h/item/a"


def test_url_for_without_a_request_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="request"):
        templates_of(page="{{ url_for('item') }}").get_template("page").render()


def test_url_for_of_the_environment_is_kept() -> None:
    env = jinja2.Environment()
    env.globals["url_for"] = "mine"
    assert Jinja2Templates(env=env).env.globals["url_for"] == "mine"


def test_context_processors_win_in_order_over_the_context_given() -> None:
    templates = templates_of(
        page="{{ a }}{{ b }}{{ c }}",
        context_processors=[
            lambda request: {"b": "first", "c": "first"},
            lambda request: {"c": request.method},
        ],
    )
    response = templates.TemplateResponse(request_with(), "page", {"a": "mine", "b": "mine"})
    assert response.body == b"minefirstGET"


def test_context_and_template_are_kept_on_the_response() -> None:
    context = {"a": 1}
    request = request_with()
    templates = templates_of(page="{{ a }}")
    response = templates.TemplateResponse(request, "page", context)
    assert response.template.name == "page"
    assert response.context is context
    assert context == {"a": 1, "request": request}


async def test_debug_extension_is_told_template_and_context(channel: Any) -> None:
    connection = channel()
    request = request_with(extensions={"http.response.debug": {}})
    response = templates_of(page="text").TemplateResponse(request, "page")
    await response(request.scope, connection.receive, connection.send)
    info = {"template": response.template, "context": response.context}
    assert connection.sent[0] == {"type": "http.response.debug", "info": info}
    assert connection.body == b"text"


@pytest.mark.parametrize("scope", [{}, {"extensions": None}, {"extensions": {}}])
async def test_debug_message_is_for_servers_that_ask(channel: Any, scope: dict[str, Any]) -> None:
    connection = channel()
    request = request_with(**scope)
    response = templates_of(page="text").TemplateResponse(request, "page")
    await response(request.scope, connection.receive, connection.send)
    assert [message["type"] for message in connection.sent] == [
        "http.response.start",
        "http.response.body",
    ]


async def test_response_answers_without_a_scope(channel: Any) -> None:
    connection = channel()
    await templates_of(page="text").TemplateResponse(request_with(), "page")(
        connection.receive, connection.send
    )
    assert connection.body == b"text"


def test_pass_context_is_that_of_jinja2() -> None:
    assert pass_context is jinja2.pass_context


def test_missing_library_is_an_import_error_that_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "starlette_http.templating")
    with pytest.raises(ImportError) as caught:
        importlib.import_module("starlette_http.templating")
    assert str(caught.value) == (
        "jinja2 must be installed to use Jinja2Templates. "
        "Install it with: pip install 'starlette-http[templates]'"
    )


# Async environments


async def numbers() -> AsyncIterator[int]:
    for number in range(3):
        await anyio.lowlevel.checkpoint()
        yield number


async def test_async_environment_awaits_what_templates_call() -> None:
    async def name() -> str:
        await anyio.lowlevel.checkpoint()
        return "world"

    templates = async_templates_of(page="{% for n in numbers %}{{ n }}{% endfor %} {{ name() }}")
    response = await templates.AsyncTemplateResponse(
        request_with(), "page", {"numbers": numbers(), "name": name}, 202
    )
    assert isinstance(response, HTMLResponse)
    assert (response.status_code, response.body) == (202, b"012 world")


async def test_async_template_response_takes_processors_of_both_kinds() -> None:
    async def asynchronous(request: Request) -> dict[str, Any]:
        await anyio.lowlevel.checkpoint()
        return {"a": request.method}

    templates = async_templates_of(
        page="{{ a }}{{ b }}",
        context_processors=[asynchronous, lambda request: {"b": "b"}],
    )
    assert (await templates.AsyncTemplateResponse(request_with(), "page")).body == b"GETb"


@pytest.mark.parametrize("make", ["TemplateResponse", "StreamingTemplateResponse"])
async def test_an_async_processor_is_refused_where_nobody_awaits_it(make: str) -> None:
    async def of_user(request: Request) -> dict[str, Any]:
        raise AssertionError("never awaited")

    templates = templates_of(page="", context_processors=[of_user])
    with pytest.raises(TypeError, match="of_user.* is async: use AsyncTemplateResponse"):
        getattr(templates, make)(request_with(), "page")


async def test_an_awaitable_without_an_end_is_refused_as_well() -> None:
    class Values:
        def __await__(self) -> Iterator[Any]:
            raise AssertionError("never awaited")

    templates = templates_of(page="", context_processors=[lambda request: Values()])
    with pytest.raises(TypeError, match="is async: use AsyncTemplateResponse"):
        templates.TemplateResponse(request_with(), "page")


# Streamed templates

LOOP = "{% for n in numbers %}{{ n }}{% endfor %}"


async def test_streamed_template_is_html_without_a_length(channel: Any) -> None:
    connection = channel()
    response = templates_of(page=LOOP).StreamingTemplateResponse(
        request_with(), "page", {"numbers": range(3)}, 203
    )
    assert isinstance(response, StreamingResponse)
    await response(connection.receive, connection.send)
    start = connection.sent[0]
    assert start["status"] == 203
    assert start["headers"] == [(b"content-type", b"text/html; charset=utf-8")]
    assert connection.body == b"012"


async def test_streamed_template_gathers_at_least_the_chunk_size(channel: Any) -> None:
    connection = channel()
    response = templates_of(page=LOOP).StreamingTemplateResponse(
        request_with(), "page", {"numbers": range(5)}, chunk_size=2
    )
    await response(connection.receive, connection.send)
    assert [message["body"] for message in connection.sent[1:]] == [b"01", b"23", b"4", b""]


async def test_template_of_an_async_environment_is_streamed_as_it_awaits(channel: Any) -> None:
    connection = channel()
    response = async_templates_of(page=LOOP).StreamingTemplateResponse(
        request_with(), "page", {"numbers": numbers()}, chunk_size=2
    )
    await response(connection.receive, connection.send)
    assert [message["body"] for message in connection.sent[1:]] == [b"01", b"2", b""]


@pytest.mark.parametrize("make", [templates_of, async_templates_of])
async def test_streamed_chunks_that_come_out_even_leave_no_empty_one(make: Any) -> None:
    response = make(page="ab").StreamingTemplateResponse(request_with(), "page", chunk_size=2)
    assert [chunk async for chunk in response.body_iterator] == ["ab"]


async def test_streamed_template_has_the_context_processors() -> None:
    templates = templates_of(page="{{ a }}", context_processors=[lambda request: {"a": "b"}])
    response = templates.StreamingTemplateResponse(request_with(), "page")
    assert [chunk async for chunk in response.body_iterator] == ["b"]
    assert response.context["a"] == "b"


async def test_streamed_template_tells_the_debug_extension(channel: Any) -> None:
    connection = channel()
    request = request_with(extensions={"http.response.debug": {}})
    response = templates_of(page="text").StreamingTemplateResponse(request, "page")
    await response(connection.receive, connection.send)
    assert connection.sent[0]["type"] == "http.response.debug"


@pytest.mark.parametrize("make", [templates_of, async_templates_of])
async def test_rendering_ends_when_the_client_leaves(make: Any) -> None:
    response = make(page=LOOP).StreamingTemplateResponse(
        request_with(), "page", {"numbers": itertools.count()}, chunk_size=1
    )

    async def send(message: Any) -> None:
        if message.get("body"):
            raise OSError("gone")

    scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
    with pytest.raises(ClientDisconnect):
        await response(scope, None, send)
    with pytest.raises(StopAsyncIteration):
        await anext(response.body_iterator)


def test_template_is_served_over_a_socket(serve: Callable[..., str]) -> None:
    templates = templates_of(page="{% for n in numbers %}{{ n }},{% endfor %}")

    def numbers() -> Iterator[int]:
        yield from range(10_000)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        response = templates.StreamingTemplateResponse(
            Request(scope), "page", {"numbers": numbers()}
        )
        await response(scope, receive, send)

    url = serve(app, lifespan="off")
    assert httpx.get(url).text == "".join(f"{n}," for n in range(10_000))
