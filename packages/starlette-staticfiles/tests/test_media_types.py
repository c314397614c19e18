"""The media types of files."""

import mimetypes
from pathlib import Path

import httpx
import pytest

from starlette_staticfiles.media_types import MODERN_TYPES, media_type_of
from starlette_staticfiles.staticfiles import StaticFiles


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("app.js", "text/javascript"),
        ("app.MJS", "text/javascript"),
        ("app.js.map", "application/json"),
        ("app.wasm", "application/wasm"),
        ("font.woff2", "font/woff2"),
        ("site.webmanifest", "application/manifest+json"),
        ("page.html", "text/html"),
        ("photo.png", "image/png"),
        ("notes.txt", "text/plain"),
        ("archive.tar.gz", "application/x-tar"),
        ("README", "application/octet-stream"),
        ("x.unknown-extension", "application/octet-stream"),
        (".js", "application/octet-stream"),
    ],
)
def test_the_name_gives_the_type(name: str, media_type: str) -> None:
    assert media_type_of(name, {}) == media_type


def test_types_of_the_caller_win() -> None:
    assert media_type_of("a.js", {".js": "text/plain"}) == "text/plain"
    assert media_type_of("a.vrm", {".vrm": "model/gltf-binary"}) == "model/gltf-binary"


def test_nothing_is_added_to_the_tables_of_the_process() -> None:
    assert mimetypes.guess_type("app.js.map")[0] is None


def test_what_the_process_registers_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert media_type_of("/a.unheard-of", {}) == "application/octet-stream"
    monkeypatch.setitem(mimetypes.types_map, ".unheard-of", "application/odd")
    assert media_type_of("/a.unheard-of", {}) == "application/odd"


def test_an_extension_that_is_a_coding_is_none_of_a_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(mimetypes.types_map, ".gz", "application/gzip")
    assert media_type_of("/a.tar.gz", {}) == "application/x-tar"


def test_the_tables_of_the_system_are_read_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "inited", False)
    monkeypatch.setitem(mimetypes.types_map, ".css", "text/stale")
    monkeypatch.setattr(mimetypes, "guess_type", lambda name: ("text/css", None))
    assert media_type_of("/a.css", {}) == "text/css"


def test_all_other_types_are_those_of_mimetypes() -> None:
    mimetypes.init()
    names = [f"/a{extension}" for extension in mimetypes.types_map.keys() - MODERN_TYPES.keys()]
    unknown = "application/octet-stream"
    guessed = {name: mimetypes.guess_type(name)[0] or unknown for name in names}
    assert {name: media_type_of(name, {}) for name in names} == guessed


async def test_a_response_has_the_type_of_the_callers_table(tmp_path: Path) -> None:
    (tmp_path / "a.vrm").write_text("")
    app = StaticFiles(directory=tmp_path, media_types={".vrm": "model/gltf-binary"})
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://example.org") as client:
        response = await client.get("/a.vrm")
    assert response.headers["content-type"] == "model/gltf-binary"
