"""The names at the top level, and what importing them costs."""

import subprocess
import sys
import types

import pytest

import starlette
import starlette.requests
import starlette.responses
import starlette.testclient
import starlette_http.classic


@pytest.mark.parametrize(
    "name",
    [
        "FileResponse",
        "HTMLResponse",
        "JSONResponse",
        "PlainTextResponse",
        "Response",
        "StreamingResponse",
    ],
)
def test_responses_of_the_top_level_are_the_modern_ones(name: str) -> None:
    assert getattr(starlette, name) is getattr(starlette.responses, name)


def test_request_and_test_client_of_the_top_level_are_the_modern_ones() -> None:
    assert starlette.Request is starlette.requests.Request
    assert starlette.TestClient is starlette.testclient.TestClient


def test_the_redirect_of_the_top_level_is_302_and_a_modern_one_too() -> None:
    classic = starlette.RedirectResponse("/")
    assert classic.status_code == 302
    assert isinstance(classic, starlette.responses.RedirectResponse)
    assert starlette.responses.RedirectResponse("/").status_code == 307
    assert type(classic).__name__ == "RedirectResponse"


def test_asgi_application_is_that_of_starlette_http() -> None:
    assert starlette.asgi_application is starlette_http.classic.asgi_application


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(starlette, "nothing")
    with pytest.raises(AttributeError, match="^module 'starlette' has no attribute 'nothing'$"):
        starlette.nothing  # noqa: B018


def test_modules_can_be_imported_from_the_top_level() -> None:
    from starlette import routing, status

    assert isinstance(routing, types.ModuleType)
    assert status.HTTP_200_OK == 200


def test_all_public_names_are_in_dir() -> None:
    assert set(starlette.__all__) <= set(dir(starlette))
    assert "__version__" in starlette.__all__


def test_the_version_is_a_string_that_satisfies_those_who_ask_for_upstreams() -> None:
    assert isinstance(starlette.__version__, str)
    assert [int(part) for part in starlette.__version__.split(".")][:2] == [1, 10]


def test_without_httpx_the_test_client_says_so_and_other_names_work() -> None:
    code = """
import sys
sys.modules["httpx"] = sys.modules["httpx2"] = None
import starlette
print(starlette.Response.__name__)
try:
    starlette.TestClient
except RuntimeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "Response",
        "The starlette.testclient module requires the httpx package to be installed."
        " Install it with: pip install 'starlette-testclient[httpx]'",
    ]
