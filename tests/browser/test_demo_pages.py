"""The pages of the demo do in a browser what they are there for."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

ROOT = Path(__file__).resolve().parent.parent.parent

Look = Callable[..., None]
Shows = Callable[[str, str], None]


def find(browser: Chrome, selector: str) -> list[str]:
    return [element.text for element in browser.find_elements(By.CSS_SELECTOR, selector)]


def click(browser: Chrome, selector: str) -> None:
    browser.find_element(By.CSS_SELECTOR, selector).click()


def write(browser: Chrome, selector: str, text: str) -> None:
    browser.find_element(By.CSS_SELECTOR, selector).send_keys(text)


@pytest.mark.parametrize("page", ["", "order", "uploads", "visits", "clock", "chat", "site/"])
def test_a_page_fits_a_phone_and_the_console_stays_empty(
    browser: Chrome, demo: str, look: Look, console: Callable[[], list[str]], page: str
) -> None:
    look(390)
    browser.get(f"{demo}/{page}")
    assert browser.execute_script("return document.documentElement.scrollWidth") == 390
    assert console() == []


def test_the_home_page_is_rendered_with_its_picture_and_style(browser: Chrome, demo: str) -> None:
    browser.get(demo)
    assert browser.title == "The demo"
    assert len(find(browser, ".parts a")) == 9
    assert browser.execute_script("return document.querySelector('img').naturalWidth") > 0
    assert (
        browser.find_element(By.CSS_SELECTOR, ".parts").value_of_css_property("display") == "grid"
    )


def test_numbers_are_shown_as_they_come(browser: Chrome, demo: str) -> None:
    browser.get(demo)
    shown = browser.execute_async_script("""
        const done = arguments[0]
        const shown = []
        const frame = document.createElement("iframe")
        frame.src = "/numbers"
        frame.onload = () => done(shown)
        document.body.append(frame)
        setInterval(() => shown.push(frame.contentDocument.body?.innerText.trim()), 50)
    """)
    beginnings = {text for text in shown if text.startswith("1\n2") and "10" not in text}
    assert len(beginnings) > 2


def test_an_order_is_filled_in_and_confirmed(browser: Chrome, demo: str, shows: Shows) -> None:
    browser.get(f"{demo}/order")
    write(browser, "input[name=name]", "Ada")
    click(browser, "input[value=Olives]")
    click(browser, "button")
    shows("h1", "Thank you, Ada")
    shows("main", "Your pizza with Olives is in the oven.")


def test_files_are_uploaded_with_a_progress_bar_and_then_listed(
    browser: Chrome, demo: str, shows: Shows, tmp_path: Path
) -> None:
    (tmp_path / "small.txt").write_text("A line.")
    (tmp_path / "Größe 1.bin").write_bytes(bytes(8_000_000))
    browser.get(f"{demo}/uploads")
    assert not browser.find_element(By.ID, "progress").is_displayed()
    browser.execute_script("""
        new MutationObserver(() => {
            if (!progress.hidden) sessionStorage.setItem("progress", progress.value)
        }).observe(progress, {attributes: true})
    """)
    for name in ("small.txt", "Größe 1.bin"):
        write(browser, "input[type=file]", str(tmp_path / name))
    click(browser, "button")
    shows("main li:nth-child(2)", "Größe 1.bin, 8.0 MB")
    assert find(browser, "main li")[0] == "small.txt, 7 Bytes"
    assert browser.execute_script("return sessionStorage.getItem('progress')") == "1"


def test_visits_are_counted_and_a_visitor_has_a_name(
    browser: Chrome, demo: str, shows: Shows
) -> None:
    browser.get(f"{demo}/visits")
    browser.refresh()
    shows("main", "You were here 2 times.")
    write(browser, "input[name=name]", "Ada")
    click(browser, "button")
    shows("h1", "Hello, Ada")
    click(browser, "button")
    shows("h1", "Hello, stranger")
    shows("main", "You were here 1 time.")


def test_what_is_said_in_one_window_is_read_in_the_other(
    browser: Chrome, demo: str, shows: Shows
) -> None:
    browser.get(f"{demo}/chat")
    shows("#messages", "In the room: 1")
    first = browser.current_window_handle
    browser.switch_to.new_window("window")
    browser.get(f"{demo}/chat")
    shows("#messages", "In the room: 2")
    write(browser, "#say input", "Hello <b>there</b>\n")
    shows("#messages", "Hello <b>there</b>")
    browser.switch_to.window(first)
    shows("#messages", "Hello <b>there</b>")
    write(browser, "#say input", "And to you\n")
    browser.switch_to.window(browser.window_handles[1])
    shows("#messages", "And to you")


def test_the_clock_shows_events_as_they_come(browser: Chrome, demo: str, shows: Shows) -> None:
    browser.get(f"{demo}/clock")
    shows("#count", "Event number 2")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", browser.find_element(By.ID, "time").text)


@contextmanager
def running_demo(port: str) -> Iterator[str]:
    """The demo as its command serves it; gives its address, and stops it as Ctrl-C does."""
    command = [sys.executable, "-u", "-m", "examples.demo", "--port", port]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[4]
            process.send_signal(signal.SIGINT)
            assert process.wait(5) == 0
        finally:
            process.kill()


def test_the_clock_goes_on_when_the_server_is_back(browser: Chrome, shows: Shows) -> None:
    with running_demo("0") as address:
        browser.get(f"{address}clock")
        shows("#count", "Event number 2")
    shows("#count", "The server is away")
    with running_demo(address.rpartition(":")[2].strip("/")):
        shows("#count", "Event number 4")
        browser.get("about:blank")
