"""The exceptions that end a request or a websocket."""

import copy
import pickle
from typing import Any

import pytest

from starlette_http.exceptions import (
    HTTPException,
    StarletteDeprecationWarning,
    WebSocketException,
)


class NotHere(HTTPException):
    """A subclass with a constructor of the same parameters."""


class Throttled(HTTPException):
    """A subclass with a constructor of its own."""

    def __init__(self, *, seconds: int) -> None:
        super().__init__(429, headers={"retry-after": str(seconds)})
        self.seconds = seconds


def test_detail_defaults_to_the_reason_phrase() -> None:
    assert HTTPException(404).detail == "Not Found"


def test_unregistered_code_has_no_phrase() -> None:
    assert HTTPException(799).detail == ""


@pytest.mark.parametrize("detail", ["", "text", {"any": "object"}])
def test_detail_given_is_kept(detail: Any) -> None:
    assert HTTPException(404, detail).detail == detail


def test_headers_are_kept() -> None:
    assert HTTPException(401).headers is None
    assert HTTPException(401, headers={"a": "b"}).headers == {"a": "b"}


def test_text_of_an_http_exception() -> None:
    assert str(HTTPException(404)) == "404: Not Found"
    assert repr(HTTPException(404)) == "HTTPException(status_code=404, detail='Not Found')"
    assert repr(NotHere(404, "gone")) == "NotHere(status_code=404, detail='gone')"


def test_text_of_a_websocket_exception() -> None:
    assert str(WebSocketException(1008, "policy")) == "1008: policy"
    assert repr(WebSocketException(1008, "r")) == "WebSocketException(code=1008, reason='r')"
    assert WebSocketException(1008).reason == ""


@pytest.mark.parametrize(
    "error",
    [
        HTTPException(404),
        HTTPException(status_code=404, detail="gone", headers={"a": "b"}),
        NotHere(status_code=404),
        Throttled(seconds=3),
        WebSocketException(code=1008),
        WebSocketException(code=1008, reason="policy"),
    ],
)
def test_exceptions_can_be_copied_and_pickled(error: Exception) -> None:
    for copied in (copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert type(copied) is type(error)
        assert vars(copied) == vars(error)


def test_deprecations_show_by_default() -> None:
    assert issubclass(StarletteDeprecationWarning, UserWarning)
    assert not issubclass(StarletteDeprecationWarning, DeprecationWarning)
