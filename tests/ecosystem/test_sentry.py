"""Sentry's integration, which replaces functions and methods of Starlette at run time."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("sentry_application.py")


@pytest.fixture(scope="module")
def sent() -> list[dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, str(PROGRAM)], capture_output=True, text=True, check=True, timeout=60
    )
    items: list[dict[str, Any]] = json.loads(run.stdout.splitlines()[-1])
    return items


@pytest.fixture(scope="module")
def failure(sent: list[dict[str, Any]]) -> dict[str, Any]:
    return next(item for item in sent if item["type"] == "event")


def descriptions(sent: list[dict[str, Any]]) -> set[str]:
    return {span["description"] for item in sent for span in item.get("spans", ())}


def test_unhandled_error_is_an_event_of_the_endpoint(failure: dict[str, Any]) -> None:
    error = failure["exception"]["values"][-1]
    assert (error["type"], error["value"]) == ("ValueError", "no such luck")
    assert failure["transaction"] == "/fails/{id:int}"


def test_event_has_the_request(failure: dict[str, Any]) -> None:
    request = failure["request"]
    assert (request["method"], request["url"]) == ("POST", "http://testserver/fails/1")
    assert request["data"] == {"luck": 0}


def test_event_has_the_user(failure: dict[str, Any]) -> None:
    assert failure["user"]["username"] == "ada"


def test_handled_server_error_is_an_event(sent: list[dict[str, Any]]) -> None:
    events = [item for item in sent if item["type"] == "event"]
    assert [event["exception"]["values"][-1]["type"] for event in events] == [
        "ValueError",
        "HTTPException",
    ]


def test_every_request_is_a_transaction(sent: list[dict[str, Any]]) -> None:
    names = [item["transaction"] for item in sent if item["type"] == "transaction"]
    assert names == ["/fails/{id:int}", "/refuses", "/threaded"]


def test_layers_are_spans(sent: list[dict[str, Any]]) -> None:
    layers = {"ServerErrorMiddleware", "AuthenticationMiddleware", "ExceptionMiddleware"}
    assert layers <= descriptions(sent)


def test_no_span_is_named_after_an_address(sent: list[dict[str, Any]]) -> None:
    assert not [name for name in descriptions(sent) if " at 0x" in name]
