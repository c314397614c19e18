"""The demo in a headless Chromium. Runs only where selenium is: `hatch run browser:test`."""

import importlib.util
from collections.abc import Callable, Iterator

import pytest

from examples.demo.app import app

if importlib.util.find_spec("selenium") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.expected_conditions import text_to_be_present_in_element
    from selenium.webdriver.support.wait import WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    # A page that was left would live on for a while, with its connections.
    "--disable-features=BackForwardCache",
)


@pytest.fixture
def demo(serve: Callable[..., str]) -> str:
    return serve(app)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[webdriver.Chrome]":
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(30)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(chromium: "webdriver.Chrome", demo: str) -> "Iterator[webdriver.Chrome]":
    """A browser with one empty window, no cookies and nothing in its console.

    It asks for `demo`, so that its windows are closed before the server waits for them.
    """
    first = chromium.current_window_handle
    yield chromium
    for handle in set(chromium.window_handles) - {first}:
        chromium.switch_to.window(handle)
        chromium.close()
    chromium.switch_to.window(first)
    chromium.get("about:blank")
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    read_console(chromium)


def read_console(driver: "webdriver.Chrome") -> list[str]:
    """What the page has complained of since this was asked last."""
    return [entry["message"] for entry in driver.execute("getLog", {"type": "browser"})["value"]]


@pytest.fixture
def console(browser: "webdriver.Chrome") -> Callable[[], list[str]]:
    """Read the console of the browser: its messages, each of them once."""
    return lambda: read_console(browser)


@pytest.fixture
def look(browser: "webdriver.Chrome") -> Iterator[Callable[..., None]]:
    """Give the screen a width and the user a liking: `look(390, "dark")`."""

    def as_of(width: int, scheme: str = "light") -> None:
        screen = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 600}
        liking = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", liking)

    yield as_of
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def shows(browser: "webdriver.Chrome") -> Callable[[str, str], None]:
    """Wait until an element of the page has some text: `shows("h1", "Hello")`."""

    def wait(selector: str, text: str) -> None:
        has_text = text_to_be_present_in_element((By.CSS_SELECTOR, selector), text)
        WebDriverWait(browser, 15, 0.1).until(has_text, f"{selector} does not show {text!r}")

    return wait
