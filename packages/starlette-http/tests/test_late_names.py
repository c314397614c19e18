"""Names that a module imports when they are first asked for."""

import subprocess
import sys
from typing import Any

import pytest

import starlette_http.requests as requests_module
import starlette_http.responses as responses_module
from starlette_http.files import FileResponse
from starlette_http.formparsers import MultiPartParser
from starlette_http.requests import Request


def test_simple_responses_and_requests_load_neither_files_nor_forms() -> None:
    code = (
        "from starlette_http.responses import JSONResponse\n"
        "from starlette_http.requests import Request\n"
        "import sys\n"
        "print(*(name for name in ('files', 'streaming', 'events', 'formparsers', 'multipart')\n"
        "        if f'starlette_http.{name}' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


def test_a_late_name_is_the_object_of_its_own_module() -> None:
    assert responses_module.FileResponse is FileResponse
    assert "FileResponse" in vars(responses_module)


def test_late_names_are_listed_before_they_are_loaded() -> None:
    assert {"FileResponse", "Response", "guess_type"} <= set(dir(responses_module))
    assert {"MultiPartParser", "Request"} <= set(dir(requests_module))


def test_a_name_that_does_not_exist_is_an_attribute_error_that_names_both() -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(responses_module, "FilesResponse")  # noqa: B009
    assert str(caught.value) == (
        "module 'starlette_http.responses' has no attribute 'FilesResponse'"
    )


async def test_a_parser_that_somebody_puts_into_the_module_of_requests_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Fewer(MultiPartParser):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **(kwargs | {"max_fields": 0}))

    monkeypatch.setattr(requests_module, "MultiPartParser", Fewer)
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"multipart/form-data; boundary=b")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    with pytest.raises(Exception, match="Too many fields"):
        await request.form()
