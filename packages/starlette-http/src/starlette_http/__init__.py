"""Requests, responses, datastructures, forms, files and background tasks for ASGI applications."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .background import (
        BackgroundTask,
        BackgroundTasks,
    )
    from .body_limit import (
        RequestBodyLimitMiddleware,
    )
    from .classic import (
        asgi_application,
    )
    from .concurrency import (
        iterate_in_threadpool,
        run_in_threadpool,
    )
    from .datastructures import (
        URL,
        Address,
        CommaSeparatedStrings,
        FormData,
        Headers,
        ImmutableMultiDict,
        MultiDict,
        MutableHeaders,
        QueryParams,
        Secret,
        State,
        UploadFile,
        URLPath,
    )
    from .exceptions import (
        HTTPException,
        StarletteDeprecationWarning,
        WebSocketException,
    )
    from .formparsers import (
        FormParser,
        MultiPartException,
        MultiPartParser,
    )
    from .requests import (
        ClientDisconnect,
        HTTPConnection,
        Request,
    )
    from .responses import (
        FileResponse,
        HTMLResponse,
        JSONResponse,
        PlainTextResponse,
        RedirectResponse,
        Response,
        StreamingResponse,
    )
    from .templating import (
        Jinja2Templates,
    )

__all__ = [
    "Address",
    "BackgroundTask",
    "BackgroundTasks",
    "ClientDisconnect",
    "CommaSeparatedStrings",
    "FileResponse",
    "FormData",
    "FormParser",
    "HTMLResponse",
    "HTTPConnection",
    "HTTPException",
    "Headers",
    "ImmutableMultiDict",
    "JSONResponse",
    "Jinja2Templates",
    "MultiDict",
    "MultiPartException",
    "MultiPartParser",
    "MutableHeaders",
    "PlainTextResponse",
    "QueryParams",
    "RedirectResponse",
    "Request",
    "RequestBodyLimitMiddleware",
    "Response",
    "Secret",
    "StarletteDeprecationWarning",
    "State",
    "StreamingResponse",
    "URL",
    "URLPath",
    "UploadFile",
    "WebSocketException",
    "asgi_application",
    "iterate_in_threadpool",
    "run_in_threadpool",
]

_MODULES = {
    "Address": ".datastructures",
    "BackgroundTask": ".background",
    "BackgroundTasks": ".background",
    "ClientDisconnect": ".requests",
    "CommaSeparatedStrings": ".datastructures",
    "FileResponse": ".responses",
    "FormData": ".datastructures",
    "FormParser": ".formparsers",
    "HTMLResponse": ".responses",
    "HTTPConnection": ".requests",
    "HTTPException": ".exceptions",
    "Headers": ".datastructures",
    "ImmutableMultiDict": ".datastructures",
    "JSONResponse": ".responses",
    "Jinja2Templates": ".templating",
    "MultiDict": ".datastructures",
    "MultiPartException": ".formparsers",
    "MultiPartParser": ".formparsers",
    "MutableHeaders": ".datastructures",
    "PlainTextResponse": ".responses",
    "QueryParams": ".datastructures",
    "RedirectResponse": ".responses",
    "Request": ".requests",
    "RequestBodyLimitMiddleware": ".body_limit",
    "Response": ".responses",
    "Secret": ".datastructures",
    "StarletteDeprecationWarning": ".exceptions",
    "State": ".datastructures",
    "StreamingResponse": ".responses",
    "URL": ".datastructures",
    "URLPath": ".datastructures",
    "UploadFile": ".datastructures",
    "WebSocketException": ".exceptions",
    "asgi_application": ".classic",
    "iterate_in_threadpool": ".concurrency",
    "run_in_threadpool": ".concurrency",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
