"""The exceptions of a websocket as values: texts, kinds, copies."""

import copy
import json
import pickle

import pytest

from starlette_http.exceptions import WebSocketException
from starlette_websockets.websockets import (
    MalformedJSON,
    MalformedUTF8,
    UnexpectedFrame,
    WebSocketDisconnect,
    WebSocketDisconnected,
)

ALL = [
    WebSocketDisconnect(code=1001, reason="bye"),
    WebSocketDisconnected("closed"),
    UnexpectedFrame("text"),
    MalformedJSON("Expecting value", "[1,", 3),
    MalformedUTF8("utf-8", b"\xff", 0, 1, "invalid start byte"),
]


def test_a_disconnect_is_1000_without_a_reason_by_default() -> None:
    exc = WebSocketDisconnect()
    assert (exc.code, exc.reason) == (1000, "")


def test_a_disconnect_shows_code_and_reason() -> None:
    assert str(WebSocketDisconnect(1001, "bye")) == "1001: bye"


def test_disconnected_is_a_runtime_error_and_no_disconnect() -> None:
    assert issubclass(WebSocketDisconnected, RuntimeError)
    assert not issubclass(WebSocketDisconnected, WebSocketDisconnect)


@pytest.mark.parametrize(
    ("kind", "also"),
    [
        (UnexpectedFrame, KeyError),
        (MalformedJSON, json.JSONDecodeError),
        (MalformedUTF8, UnicodeDecodeError),
    ],
)
def test_what_a_peer_sends_wrong_is_a_websocket_exception_too(
    kind: type[Exception], also: type[Exception]
) -> None:
    assert issubclass(kind, WebSocketException)
    assert issubclass(kind, also)


@pytest.mark.parametrize(
    ("exc", "shown"),
    [
        (UnexpectedFrame("text"), "Expected a text frame."),
        (UnexpectedFrame("bytes"), "Expected a binary frame."),
        (MalformedJSON("Expecting value", "[1,", 3), "Expecting value: line 1 column 4 (char 3)"),
        (
            MalformedUTF8("utf-8", b"\xff", 0, 1, "invalid start byte"),
            "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
    ],
)
def test_the_text_says_what_was_wrong(exc: Exception, shown: str) -> None:
    assert str(exc) == shown


@pytest.mark.parametrize("exc", ALL, ids=lambda exc: type(exc).__name__)
def test_exceptions_survive_copy_and_pickle(exc: Exception) -> None:
    for again in (copy.copy(exc), pickle.loads(pickle.dumps(exc))):
        assert type(again) is type(exc)
        assert str(again) == str(exc)
        assert vars(again) == vars(exc)
