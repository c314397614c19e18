"""The classic document, "Static Files"."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

Example = Callable[..., dict[str, Any]]
Serve = Callable[..., str]


@pytest.fixture
def url(classic: Example, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The example of the chapter, served from a directory that has what it names."""
    (tmp_path / "index.html").write_text("<h1>Home</h1>")
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "static" / "css" / "site.css").write_text("h1 {}")
    (tmp_path / "secret.txt").write_text("secret")
    monkeypatch.chdir(tmp_path)
    return serve(classic("Static Files")["app"])


def test_static_file_serves_a_single_file(url: str) -> None:
    response = httpx.get(url + "/")
    assert (response.status_code, response.text) == (200, "<h1>Home</h1>")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert {"content-length", "last-modified", "etag"} <= response.headers.keys()


def test_static_files_serves_any_file_of_the_directory(url: str) -> None:
    response = httpx.get(url + "/static/css/site.css")
    assert (response.status_code, response.text) == (200, "h1 {}")
    assert response.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize(
    "path", ["/elsewhere", "/static/missing.css", "/static/css", "/static/%2e%2e/secret.txt"]
)
def test_what_does_not_match_is_404(path: str, url: str) -> None:
    response = httpx.get(url + path)
    assert (response.status_code, response.text.lower()) == (404, "not found")


def test_another_method_on_static_file_is_406(url: str) -> None:
    response = httpx.post(url + "/")
    assert (response.status_code, response.text) == (406, "Method not allowed")


def test_another_method_on_static_files_is_405_as_in_the_modern_interface(url: str) -> None:
    response = httpx.post(url + "/static/css/site.css")
    assert (response.status_code, response.text) == (405, "Method Not Allowed")
    assert response.headers["allow"] == "GET, HEAD"
