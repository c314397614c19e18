"""The demo, driven over a real socket."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from examples.demo.app import app

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def demo(serve: Callable[..., str]) -> str:
    return serve(app)


def test_the_home_page_is_rendered_and_links_to_the_rest(demo: str) -> None:
    page = httpx.get(demo + "/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for link in ("/hello/world", "/numbers", "/chat", "/assets/demo.css"):
        assert f'"{demo}{link}"' in page.text


def test_every_link_of_the_home_page_answers(demo: str) -> None:
    links = re.findall(r'(?:href|src)="([^"]+)"', httpx.get(demo + "/").text)
    assert len(links) >= 5
    for link in links:
        assert httpx.get(link).status_code == 200


def test_the_json_endpoint_takes_a_name_from_the_path(demo: str) -> None:
    answer = httpx.get(demo + "/hello/Grace").json()
    assert answer == {"hello": "Grace", "url": f"{demo}/hello/Grace"}


def test_the_numbers_stream_in_as_they_are_counted(demo: str) -> None:
    with httpx.stream("GET", demo + "/numbers") as response:
        assert "content-length" not in response.headers
        assert next(response.iter_lines()) == "1"


def test_the_image_is_an_svg(demo: str) -> None:
    assert httpx.get(demo + "/assets/star.svg").headers["content-type"] == "image/svg+xml"


def test_what_one_person_says_everybody_in_the_room_hears(demo: str) -> None:
    room = demo.replace("http", "ws") + "/chat/room"
    with connect(room) as one, connect(room) as other:
        assert one.recv(timeout=5) == "Welcome. In the room: 1"
        assert other.recv(timeout=5) == "Welcome. In the room: 2"
        one.send("Hello")
        assert one.recv(timeout=5) == "Hello"
        assert other.recv(timeout=5) == "Hello"


def test_the_command_prints_its_address_and_serves_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    command = [sys.executable, "-u", "-m", "examples.demo", "--port", address[17:-1]]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == f"The demo is at {address} (stop it with Ctrl-C)\n"
            with httpx.Client(transport=httpx.HTTPTransport(retries=6)) as client:
                assert client.get(address).status_code == 200
        finally:
            process.terminate()
