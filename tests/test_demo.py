"""The demo, driven over a real socket."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from examples.demo.app import app

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r'(?:href|src)="([^"]+)"')
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def demo(serve: Callable[..., str]) -> str:
    return serve(app)


@pytest.fixture
def visitor(demo: str) -> Iterator[httpx.Client]:
    """A client that keeps its cookies and follows redirects, as a browser does."""
    with httpx.Client(base_url=demo, headers=BROWSER, follow_redirects=True) as client:
        yield client


@contextmanager
def running_demo() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo as its command serves it, on a free port: the process and what it prints first."""
    command = [sys.executable, "-u", "-m", "examples.demo", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline()
        finally:
            process.terminate()


def links_of(page: str) -> set[str]:
    """Every address that the page at `page` links to or loads."""
    return {str(httpx.URL(page).join(link)) for link in LINK.findall(httpx.get(page).text)}


def test_the_home_page_is_rendered_and_links_to_the_rest(demo: str) -> None:
    page = httpx.get(demo + "/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for link in ("/hello/world", "/numbers", "/order", "/uploads", "/visits", "/clock", "/chat"):
        assert f'"{demo}{link}"' in page.text
    for link in ("/site/", "/failing", "/assets/demo.css"):
        assert f'"{demo}{link}"' in page.text


def test_every_link_of_the_home_page_answers(demo: str) -> None:
    links = links_of(demo + "/")
    assert len(links) == 11
    answers = {link: httpx.get(link).status_code for link in links}
    assert answers.pop(demo + "/failing") == 500
    assert set(answers.values()) == {200}


@pytest.mark.parametrize("page", ["/order", "/uploads", "/visits", "/clock", "/chat", "/site/"])
def test_every_link_of_the_other_pages_answers(demo: str, page: str) -> None:
    links = links_of(demo + page) - {demo + "/site/no-such-page"}
    assert {httpx.get(link).status_code for link in links} == {200}


def test_the_json_endpoint_takes_a_name_from_the_path(demo: str) -> None:
    answer = httpx.get(demo + "/hello/Grace").json()
    assert answer == {"hello": "Grace", "url": f"{demo}/hello/Grace"}


def test_the_numbers_stream_in_as_they_are_counted(demo: str) -> None:
    with httpx.stream("GET", demo + "/numbers") as response:
        assert "content-length" not in response.headers
        assert next(response.iter_lines()) == "1"


def test_the_image_is_an_svg(demo: str) -> None:
    assert httpx.get(demo + "/assets/star.svg").headers["content-type"] == "image/svg+xml"


def test_the_static_site_is_sent_once_while_it_does_not_change(demo: str) -> None:
    first = httpx.get(demo + "/site/")
    assert "<h1>A static site</h1>" in first.text
    again = httpx.get(demo + "/site/", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_static_site_has_a_page_for_what_is_not_there(demo: str) -> None:
    missing = httpx.get(demo + "/site/no-such-page")
    assert missing.status_code == 404
    assert "<h1>Not here</h1>" in missing.text


def test_an_order_is_confirmed_with_what_was_chosen(demo: str) -> None:
    order = {"name": "<Ada>", "topping": ["Olives", "Cheese"]}
    page = httpx.post(demo + "/order", data=order)
    assert page.status_code == 200
    assert "Thank you, &lt;Ada&gt;" in page.text
    assert "Your pizza with Cheese, Olives is in the oven." in page.text


def test_an_order_without_a_name_shows_the_form_again(demo: str) -> None:
    page = httpx.post(demo + "/order", data={"topping": "Cheese"})
    assert page.status_code == 422
    assert "Who is the pizza for?" in page.text


def test_an_upload_is_listed_and_can_be_fetched(visitor: httpx.Client) -> None:
    content = bytes(range(256)) * 4096
    files = [("files", ("../a b.bin", content)), ("files", ("c.txt", b"text"))]
    page = visitor.post("/uploads", files=files)
    links = re.findall(r'<li><a href="([^"]+)">([^<]+)</a>,\s+([^<]+)</li>', page.text)
    assert [(name, size) for _, name, size in links] == [
        ("../a b.bin", "1.0 MB"),
        ("c.txt", "4 Bytes"),
    ]
    assert visitor.get(links[0][0]).content == content


def test_an_upload_that_nobody_made_is_404(visitor: httpx.Client) -> None:
    assert visitor.get("/uploads/..%2F..%2Fapp.py").status_code == 404
    assert visitor.get("/uploads/0123456789abcdef").status_code == 404


def test_no_half_of_an_upload_stays_behind(demo: str) -> None:
    head = 'Content-Disposition: form-data; name="files"; filename="half.txt"'
    broken = f"--b\r\n{head}\r\n\r\nthe first half of a text".encode()
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert httpx.post(demo + "/uploads", content=broken, headers=headers).status_code == 400
    assert "half.txt" not in httpx.get(demo + "/uploads").text


def test_visits_are_counted_for_each_visitor(visitor: httpx.Client, demo: str) -> None:
    assert "You were here 1 time." in visitor.get("/visits").text
    assert "You were here 2 times." in visitor.get("/visits").text
    assert "You were here 1 time." in httpx.get(demo + "/visits").text


def test_a_visitor_has_a_name_from_logging_in_to_logging_out(visitor: httpx.Client) -> None:
    assert "Hello, stranger" in visitor.get("/visits").text
    assert "Hello, Ada" in visitor.post("/visits/log-in", data={"name": "Ada"}).text
    assert "Hello, stranger" in visitor.post("/visits/log-out").text


def test_the_clock_sends_an_event_every_second(demo: str) -> None:
    with httpx.stream("GET", demo + "/clock/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = response.iter_lines()
        assert [next(lines) for _ in range(3)] == ["event: tick", "id: 1", "retry: 1000"]
        assert re.fullmatch(r"data: \d\d:\d\d:\d\d", next(lines))


@pytest.mark.parametrize(("last", "following"), [("7", "8"), ("seven", "1"), ("9" * 5000, "1")])
def test_the_clock_goes_on_after_the_last_event_that_was_seen(
    demo: str, last: str, following: str
) -> None:
    headers = {"last-event-id": last}
    with httpx.stream("GET", demo + "/clock/events", headers=headers) as response:
        lines = response.iter_lines()
        assert [next(lines), next(lines)] == ["event: tick", f"id: {following}"]


def test_what_one_person_says_everybody_in_the_room_hears(demo: str) -> None:
    room = demo.replace("http", "ws") + "/chat/room"
    with connect(room) as one, connect(room) as other:
        assert one.recv(timeout=5) == "Welcome. In the room: 1"
        assert other.recv(timeout=5) == "Welcome. In the room: 2"
        one.send("Hello")
        assert one.recv(timeout=5) == "Hello"
        assert other.recv(timeout=5) == "Hello"


def test_the_failing_page_tells_browsers_why(demo: str) -> None:
    page = httpx.get(demo + "/failing", headers=BROWSER)
    assert page.status_code == 500
    assert "LookupError: Nobody sells &#x27;pear&#x27; here." in page.text
    assert "It was directly caused by:" in page.text
    assert "<td>api_key</td><td>********</td>" in page.text


def test_the_failing_page_tells_others_why_in_plain_text(demo: str) -> None:
    text = httpx.get(demo + "/failing").text
    assert text.startswith("Traceback")
    assert text.endswith("LookupError: Nobody sells 'pear' here.\n")


def test_the_command_prints_its_address_and_serves_there() -> None:
    with running_demo() as (_, line):
        found = re.fullmatch(
            r"The demo is at (http://127\.0\.0\.1:\d+/) \(stop .* Ctrl-C\)\n", line
        )
        assert found
        assert httpx.get(found[1]).status_code == 200


def test_ctrl_c_ends_the_demo_and_the_streams_that_are_open() -> None:
    with running_demo() as (process, line):
        address = line.split()[4]
        with httpx.stream("GET", address + "clock/events") as response:
            lines = response.iter_lines()
            assert next(lines) == "event: tick"
            process.send_signal(signal.SIGINT)
            assert "data: " in "\n".join(lines)  # the stream comes to a proper end
        output, errors = process.communicate(timeout=5)
        assert (process.returncode, output, errors) == (0, "", "")
