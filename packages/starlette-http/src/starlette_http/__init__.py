"""Requests, responses, datastructures, forms, files and background tasks for ASGI applications."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asgi2 import (
        as_asgi3,
        is_asgi2,
    )
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
        FormTooLarge,
        MultiPartException,
        MultiPartParser,
    )
    from .parts import (
        Part,
        Parts,
    )
    from .requests import (
        ClientDisconnect,
        HTTPConnection,
        MalformedJSON,
        Request,
    )
    from .responses import (
        EventSourceResponse,
        FileResponse,
        HTMLResponse,
        JSONResponse,
        PlainTextResponse,
        RedirectResponse,
        Response,
        ServerSentEvent,
        StreamingResponse,
        last_event_id,
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
    "EventSourceResponse",
    "FileResponse",
    "FormData",
    "FormParser",
    "FormTooLarge",
    "HTMLResponse",
    "HTTPConnection",
    "HTTPException",
    "Headers",
    "ImmutableMultiDict",
    "JSONResponse",
    "Jinja2Templates",
    "MalformedJSON",
    "MultiDict",
    "MultiPartException",
    "MultiPartParser",
    "MutableHeaders",
    "Part",
    "Parts",
    "PlainTextResponse",
    "QueryParams",
    "RedirectResponse",
    "Request",
    "RequestBodyLimitMiddleware",
    "Response",
    "Secret",
    "ServerSentEvent",
    "StarletteDeprecationWarning",
    "State",
    "StreamingResponse",
    "URL",
    "URLPath",
    "UploadFile",
    "WebSocketException",
    "as_asgi3",
    "asgi_application",
    "is_asgi2",
    "iterate_in_threadpool",
    "last_event_id",
    "run_in_threadpool",
]

_MODULES = {
    "Address": ".datastructures",
    "BackgroundTask": ".background",
    "BackgroundTasks": ".background",
    "ClientDisconnect": ".requests",
    "CommaSeparatedStrings": ".datastructures",
    "EventSourceResponse": ".responses",
    "FileResponse": ".responses",
    "FormData": ".datastructures",
    "FormParser": ".formparsers",
    "FormTooLarge": ".formparsers",
    "HTMLResponse": ".responses",
    "HTTPConnection": ".requests",
    "HTTPException": ".exceptions",
    "Headers": ".datastructures",
    "ImmutableMultiDict": ".datastructures",
    "JSONResponse": ".responses",
    "Jinja2Templates": ".templating",
    "MalformedJSON": ".requests",
    "MultiDict": ".datastructures",
    "MultiPartException": ".formparsers",
    "MultiPartParser": ".formparsers",
    "MutableHeaders": ".datastructures",
    "Part": ".parts",
    "Parts": ".parts",
    "PlainTextResponse": ".responses",
    "QueryParams": ".datastructures",
    "RedirectResponse": ".responses",
    "Request": ".requests",
    "RequestBodyLimitMiddleware": ".body_limit",
    "Response": ".responses",
    "Secret": ".datastructures",
    "ServerSentEvent": ".responses",
    "StarletteDeprecationWarning": ".exceptions",
    "State": ".datastructures",
    "StreamingResponse": ".responses",
    "URL": ".datastructures",
    "URLPath": ".datastructures",
    "UploadFile": ".datastructures",
    "WebSocketException": ".exceptions",
    "as_asgi3": ".asgi2",
    "asgi_application": ".classic",
    "is_asgi2": ".asgi2",
    "iterate_in_threadpool": ".concurrency",
    "last_event_id": ".responses",
    "run_in_threadpool": ".concurrency",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
