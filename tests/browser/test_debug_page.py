"""The debug page can be read and used in a browser, of any width and in any light."""

from collections.abc import Callable

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

Look = Callable[..., None]


@pytest.fixture
def debug_page(browser: Chrome, demo: str) -> Chrome:
    browser.get(f"{demo}/failing")
    return browser


def frames(page: Chrome) -> list[WebElement]:
    return page.find_elements(By.CSS_SELECTOR, "details.frame")


def lightness(page: Chrome, selector: str, property: str) -> float:
    """How light a colour of an element is, from 0 for black to 1 for white."""
    colour = page.find_element(By.CSS_SELECTOR, selector).value_of_css_property(property)
    red, green, blue = (int(part) for part in colour.strip("rgba()").split(",")[:3])
    return (red + green + blue) / 765


def test_the_failing_line_is_in_view_at_once(debug_page: Chrome) -> None:
    heading = debug_page.find_element(By.TAG_NAME, "h2").text
    assert heading == "LookupError: Nobody sells 'pear' here."
    line = frames(debug_page)[0].find_element(By.CLASS_NAME, "center-line")
    assert "raise LookupError" in line.text
    assert line.location["y"] < 600


def test_local_variables_are_behind_a_click(debug_page: Chrome) -> None:
    variables = frames(debug_page)[0].find_element(By.CSS_SELECTOR, ".locals")
    table = variables.find_element(By.TAG_NAME, "table")
    assert not table.is_displayed()
    variables.find_element(By.TAG_NAME, "summary").click()
    assert table.is_displayed()
    assert table.text.split() == ["fruit", "'pear'"]


def test_a_secret_is_not_shown(debug_page: Chrome) -> None:
    frame = next(frame for frame in frames(debug_page) if "in total" in frame.text)
    frame.find_element(By.TAG_NAME, "summary").click()
    frame.find_element(By.CSS_SELECTOR, ".locals summary").click()
    assert "api_key ********" in frame.text


def test_all_frames_open_and_close_by_one_button(debug_page: Chrome) -> None:
    button = debug_page.find_element(By.ID, "toggle")
    button.click()
    assert all(frame.get_attribute("open") for frame in frames(debug_page))
    button.click()
    assert not any(frame.get_attribute("open") for frame in frames(debug_page))


def test_the_page_asks_the_network_for_nothing(debug_page: Chrome) -> None:
    loaded = debug_page.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [url for url in loaded if not url.endswith("/favicon.ico")] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_scheme_that_the_user_likes(
    debug_page: Chrome, look: Look, scheme: str
) -> None:
    look(1280, scheme)
    page, text = (lightness(debug_page, "body", of) for of in ("background-color", "color"))
    assert (page > 0.9, text < 0.2) if scheme == "light" else (page < 0.2, text > 0.8)


def test_nothing_but_source_is_wider_than_a_phone(debug_page: Chrome, look: Look) -> None:
    look(390)
    debug_page.find_element(By.ID, "toggle").click()
    for summary in debug_page.find_elements(By.CSS_SELECTOR, ".locals summary"):
        summary.click()
    assert debug_page.execute_script("return document.documentElement.scrollWidth") == 390
    wide = debug_page.execute_script(
        "return [...document.querySelectorAll('body *')].filter("
        "e => e.getBoundingClientRect().right > 390 && !e.closest('.source')).length"
    )
    assert wide == 0
