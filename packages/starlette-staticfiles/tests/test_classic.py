"""`StaticFile`, the application of the classic document that is one file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from starlette_staticfiles.staticfiles import StaticFile

pytestmark = pytest.mark.usefixtures("way_to_files")

Channels = Callable[..., Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "robots.txt"
    file.write_text("User-agent: *")
    return file


async def request(app: Any, url: str, method: str = "GET", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        return await client.request(method, url, headers=named)


@pytest.mark.parametrize("url", ["/", "/robots.txt", "/any/path"])
async def test_the_file_is_the_answer_to_every_path(url: str, path: Path) -> None:
    response = await request(StaticFile(path), url)
    assert response.status_code == 200
    assert response.text == "User-agent: *"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["content-length"] == "13"
    assert {"last-modified", "etag"} <= set(response.headers)


async def test_the_path_may_be_a_string_and_a_keyword(path: Path) -> None:
    assert (await request(StaticFile(path=str(path)), "/")).text == "User-agent: *"


async def test_head_has_no_body(path: Path) -> None:
    response = await request(StaticFile(path), "/", "HEAD")
    assert (response.status_code, response.content) == (200, b"")


async def test_a_range_is_served(path: Path) -> None:
    response = await request(StaticFile(path), "/", range="bytes=0-3")
    assert (response.status_code, response.text) == (206, "User")


async def test_what_the_client_has_is_304(path: Path) -> None:
    app = StaticFile(path)
    etag = (await request(app, "/")).headers["etag"]
    assert (await request(app, "/", if_none_match=etag)).status_code == 304


async def test_a_precondition_that_does_not_hold_is_412(path: Path) -> None:
    assert (await request(StaticFile(path), "/", if_match='"other"')).status_code == 412


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_406(method: str, path: Path) -> None:
    response = await request(StaticFile(path), "/", method)
    assert response.status_code == 406
    assert response.text == "Method not allowed"
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


async def test_a_missing_file_is_an_error_with_the_request(tmp_path: Path) -> None:
    app = StaticFile(tmp_path / "nope")
    with pytest.raises(RuntimeError) as caught:
        await request(app, "/")
    assert str(caught.value) == f"StaticFile at path '{tmp_path / 'nope'}' does not exist."


async def test_a_folder_is_an_error_with_the_request(tmp_path: Path) -> None:
    app = StaticFile(str(tmp_path))
    with pytest.raises(RuntimeError) as caught:
        await request(app, "/")
    assert str(caught.value) == f"StaticFile at path '{tmp_path}' is not a file."


async def test_a_websocket_is_closed(path: Path, channel: Channels) -> None:
    connection = channel()
    await StaticFile(path)({"type": "websocket"}, connection.receive, connection.send)
    assert connection.sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]
