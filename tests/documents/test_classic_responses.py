"""The classic document, "Responses": every class as its example has it, under uvicorn."""

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette import FileResponse, Response, TestClient

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]

ICON = b"\x00\x00\x01\x00"


class Sending:
    """An ASGI-2 application that sends one response, as the examples do."""

    def __init__(self, make: Callable[[], Response]) -> None:
        self.make = make

    def __call__(self, scope: Any) -> Any:
        async def asgi(receive: Any, send: Any) -> None:
            await self.make()(receive, send)

        return asgi


def sent(make: Callable[[], Response]) -> httpx.Response:
    return TestClient(Sending(make)).get("/")


# Response


def test_the_signature_of_response_begins_as_documented() -> None:
    parameters = list(inspect.signature(Response).parameters.values())[:4]
    assert [(p.name, p.default) for p in parameters[1:]] == [
        ("status_code", 200),
        ("headers", None),
        ("media_type", None),
    ]
    assert parameters[0].name == "content"


@pytest.mark.parametrize("content", ["Grüße", "Grüße".encode()])
def test_content_is_a_string_or_a_bytestring(content: str | bytes) -> None:
    assert sent(lambda: Response(content)).content == "Grüße".encode()


def test_status_code_headers_and_media_type_are_sent() -> None:
    response = sent(lambda: Response("x", 418, {"X-Kind": "teapot"}, "image/svg+xml"))
    assert response.status_code == 418
    assert response.headers["x-kind"] == "teapot"
    assert response.headers["content-type"] == "image/svg+xml"


def test_a_content_length_is_included_automatically() -> None:
    assert sent(lambda: Response("Grüße")).headers["content-length"] == "7"


@pytest.mark.parametrize(
    ("media_type", "content_type"),
    [
        ("text/html", "text/html; charset=utf-8"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("application/octet-stream", "application/octet-stream"),
    ],
)
def test_a_content_type_has_a_charset_for_text_types(media_type: str, content_type: str) -> None:
    response = sent(lambda: Response("x", media_type=media_type))
    assert response.headers["content-type"] == content_type


def test_without_a_media_type_there_is_no_content_type() -> None:
    assert "content-type" not in sent(lambda: Response("x")).headers


def test_a_response_is_sent_by_calling_it(classic: Example, serve: Serve) -> None:
    app = classic("Response", Response=Response)["App"]
    response = httpx.get(serve(app) + "/")
    assert response.text == "Hello, world!"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-length"] == "13"


# Its subclasses


@pytest.mark.parametrize(
    ("heading", "content_type", "body"),
    [
        (
            "HTMLResponse",
            "text/html; charset=utf-8",
            "<html><body><h1>Hello, world!</h1></body></html>",
        ),
        ("PlainTextResponse", "text/plain; charset=utf-8", "Hello, world!"),
        ("JSONResponse", "application/json", '{"hello":"world"}'),
    ],
)
def test_the_simple_responses_answer_what_they_are_named_after(
    heading: str, content_type: str, body: str, classic: Example, serve: Serve
) -> None:
    response = httpx.get(serve(classic(heading)["App"]) + "/")
    assert response.status_code == 200
    assert response.headers["content-type"] == content_type
    assert response.text == body


def test_a_redirect_is_302_by_default(classic: Example, serve: Serve) -> None:
    url = serve(classic("RedirectResponse")["App"])
    response = httpx.get(url + "/elsewhere")
    assert (response.status_code, response.headers["location"]) == (302, "/")
    followed = httpx.get(url + "/elsewhere", follow_redirects=True)
    assert (followed.status_code, followed.text) == (200, "Hello, world!")


# StreamingResponse


def test_a_stream_arrives_while_it_is_made(classic: Example, serve: Serve) -> None:
    url = serve(classic("StreamingResponse")["App"])
    with httpx.stream("GET", url + "/") as response:
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "content-length" not in response.headers
        chunks = response.iter_text()
        begun = ""
        while "<li>1</li>" not in begun:
            begun += next(chunks)
    assert begun == "<html><body><ul><li>1</li>"


def test_a_stream_is_whole_when_nobody_leaves(classic: Example, serve: Serve) -> None:
    names = classic("StreamingResponse")

    async def no_pause(seconds: float) -> None:
        assert seconds == 0.5

    names["asyncio"] = types.SimpleNamespace(sleep=no_pause)
    items = "".join(f"<li>{number}</li>" for number in range(1, 11))
    assert (
        httpx.get(serve(names["App"]) + "/").text == f"<html><body><ul>{items}</ul></body></html>"
    )


# FileResponse


def test_a_file_is_streamed_with_length_date_and_entity_tag(
    classic: Example, serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "favicon.ico").write_bytes(ICON)
    app = classic("FileResponse", instead=("/statics", str(tmp_path)))["App"]
    response = httpx.get(serve(app) + "/")
    assert response.content == ICON
    assert response.headers["content-length"] == "4"
    assert response.headers["content-type"] in ("image/vnd.microsoft.icon", "image/x-icon")
    assert response.headers["last-modified"].endswith("GMT")
    assert response.headers["etag"].startswith('"')


def test_a_file_that_is_not_there_is_an_error_that_names_it(classic: Example) -> None:
    with pytest.raises(RuntimeError, match="/statics/favicon.ico"):
        TestClient(classic("FileResponse")["App"]).get("/")


def test_file_responses_take_headers_media_type_and_filename(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(ICON)
    response = sent(
        lambda: FileResponse(
            path=str(path), headers={"X-Kind": "icon"}, media_type="image/png", filename="a.ico"
        )
    )
    assert response.headers["x-kind"] == "icon"
    assert response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"] == 'attachment; filename="a.ico"'


@pytest.mark.parametrize(
    ("name", "filename", "content_type"),
    [
        ("page.html", None, "text/html; charset=utf-8"),
        ("page", "page.html", "text/html; charset=utf-8"),
        ("page.html", "page.css", "text/css; charset=utf-8"),
    ],
)
def test_the_media_type_is_inferred_from_the_filename_or_the_path(
    name: str, filename: str | None, content_type: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("")
    response = sent(lambda: FileResponse(tmp_path / name, filename=filename))
    assert response.headers["content-type"] == content_type
