"""A 204 or 304 over real servers: the connection is good for the next request."""

import http.client
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route


def application(path: Path) -> Starlette:
    def stream(request: Request) -> Response:
        return StreamingResponse(iter(["content"]), request.path_params["status"])

    def file(request: Request) -> Response:
        return FileResponse(path, request.path_params["status"])

    return Starlette(
        routes=[Route("/stream/{status:int}", stream), Route("/file/{status:int}", file)]
    )


def statuses_over_one_connection(base_url: str) -> list[int]:
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=10)
    seen = []
    for path in ("/stream/204", "/stream/304", "/file/204", "/file/304", "/file/200"):
        connection.request("GET", path)
        response = connection.getresponse()
        content = response.read()
        seen.append(response.status)
    connection.close()
    assert content == b"content"
    return seen


def test_a_connection_outlives_answers_without_content(serve_on: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    base_url = serve_on(application(tmp_path / "file"))
    assert statuses_over_one_connection(base_url) == [204, 304, 204, 304, 200]


@pytest.mark.parametrize("parser", ["h11", "httptools"])
def test_a_connection_outlives_them_with_either_parser_of_uvicorn(
    serve: Any, tmp_path: Path, parser: str
) -> None:
    pytest.importorskip(parser)
    (tmp_path / "file").write_bytes(b"content")
    base_url = serve(application(tmp_path / "file"), http=parser)
    assert statuses_over_one_connection(base_url) == [204, 304, 204, 304, 200]
