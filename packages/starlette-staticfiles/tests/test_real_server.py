"""Static files over real uvicorn."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from starlette_staticfiles.staticfiles import StaticFiles

Serve = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    root.mkdir()
    (root / "small.txt").write_text("small")
    (root / "big.bin").write_bytes(os.urandom(3_000_000))
    (root / "app.js").write_text("original")
    (tmp_path / "secret.txt").write_text("secret")
    return root


@pytest.fixture
def client(serve: Serve, site: Path) -> Iterator[httpx.Client]:
    app = StaticFiles(directory=site, precompressed=True)
    with httpx.Client(base_url=serve(app, lifespan="off"), timeout=10) as client:
        yield client


def test_small_and_large_files_arrive_whole(client: httpx.Client, site: Path) -> None:
    assert client.get("/small.txt").text == "small"
    assert client.get("/big.bin").content == (site / "big.bin").read_bytes()


def test_head_304_and_ranges(client: httpx.Client) -> None:
    head = client.head("/big.bin")
    assert head.headers["content-length"] == "3000000"
    tag = head.headers["etag"]
    assert client.get("/big.bin", headers={"if-none-match": tag}).status_code == 304
    part = client.get("/big.bin", headers={"range": "bytes=10-19", "if-range": tag})
    assert (part.status_code, len(part.content)) == (206, 10)


def test_refusals_are_answered(client: httpx.Client) -> None:
    assert client.get("/nope").status_code == 404
    assert client.post("/small.txt").status_code == 405


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/%00",
        "/small.txt%00.js",
        "/" + "x" * 300,
        "/%ff%fe",
    ],
)
def test_no_target_on_the_wire_leads_outside(target: str, client: httpx.Client) -> None:
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), 10) as wire:
        wire.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while data := wire.recv(65536):
            answer += data
    assert answer.split(b" ", 2)[1] in (b"400", b"404")
    assert b"secret" not in answer
    assert b"root:" not in answer


def test_a_client_that_leaves_early_does_no_harm(client: httpx.Client) -> None:
    with client.stream("GET", "/big.bin") as response:
        next(response.iter_raw(10))
    assert client.get("/small.txt").text == "small"
