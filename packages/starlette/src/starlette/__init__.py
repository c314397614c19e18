"""The ASGI toolkit: seven packages under one name."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette_http.classic import (
        RedirectResponse,
        asgi_application,
    )
    from starlette_http.requests import (
        Request,
    )
    from starlette_http.responses import (
        FileResponse,
        HTMLResponse,
        JSONResponse,
        PlainTextResponse,
        Response,
        StreamingResponse,
    )
    from starlette_testclient.testclient import (
        TestClient,
    )

__version__ = "1.10.100"

__all__ = [
    "__version__",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Request",
    "Response",
    "StreamingResponse",
    "TestClient",
    "asgi_application",
]

_MODULES = {
    "FileResponse": "starlette_http.responses",
    "HTMLResponse": "starlette_http.responses",
    "JSONResponse": "starlette_http.responses",
    "PlainTextResponse": "starlette_http.responses",
    "RedirectResponse": "starlette_http.classic",
    "Request": "starlette_http.requests",
    "Response": "starlette_http.responses",
    "StreamingResponse": "starlette_http.responses",
    "TestClient": "starlette_testclient.testclient",
    "asgi_application": "starlette_http.classic",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
