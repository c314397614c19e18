"""What this project adds to upstream's modules has a documented path, like upstream's own names."""

import importlib

import pytest

import starlette_http

ADDITIONS = [
    "starlette.formparsers:FormTooLarge",
    "starlette.requests:MalformedJSON",
    "starlette.requests:Part",
    "starlette.requests:Parts",
    "starlette.responses:EventSourceResponse",
    "starlette.responses:ServerSentEvent",
    "starlette.responses:last_event_id",
]


@pytest.mark.parametrize("addition", ADDITIONS)
def test_the_addition_is_public_in_the_module_and_in_the_package(addition: str) -> None:
    path, _, name = addition.partition(":")
    module = importlib.import_module(path)
    assert name in module.__all__
    assert getattr(module, name) is getattr(starlette_http, name)
