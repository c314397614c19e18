"""Middleware for any ASGI application: CORS, compression, sessions, errors and more."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .auth import (
        AuthCredentials,
        AuthenticationBackend,
        AuthenticationError,
        BaseUser,
        SimpleUser,
        UnauthenticatedUser,
        has_required_scope,
        requires,
    )
    from .authentication import (
        AuthenticationMiddleware,
    )
    from .base import (
        BaseHTTPMiddleware,
    )
    from .body_limit import (
        RequestBodyLimitMiddleware,
    )
    from .compression import (
        CompressionMiddleware,
    )
    from .cors import (
        CORSMiddleware,
    )
    from .debug import (
        DebugMiddleware,
    )
    from .errors import (
        ServerErrorMiddleware,
    )
    from .exceptions import (
        ExceptionMiddleware,
    )
    from .gzip import (
        GZipMiddleware,
    )
    from .hooks import (
        HookMiddleware,
        ResponseStart,
    )
    from .httpsredirect import (
        HTTPSRedirectMiddleware,
    )
    from .opentelemetry import (
        OpenTelemetryMiddleware,
    )
    from .record import (
        Middleware,
    )
    from .session_stores import (
        CookieSessionStore,
        MemorySessionStore,
        SessionStore,
    )
    from .sessions import (
        SessionMiddleware,
    )
    from .trustedhost import (
        TrustedHostMiddleware,
    )

__all__ = [
    "AuthCredentials",
    "AuthenticationBackend",
    "AuthenticationError",
    "AuthenticationMiddleware",
    "BaseHTTPMiddleware",
    "BaseUser",
    "CORSMiddleware",
    "CompressionMiddleware",
    "CookieSessionStore",
    "DebugMiddleware",
    "ExceptionMiddleware",
    "GZipMiddleware",
    "HTTPSRedirectMiddleware",
    "HookMiddleware",
    "MemorySessionStore",
    "Middleware",
    "OpenTelemetryMiddleware",
    "RequestBodyLimitMiddleware",
    "ResponseStart",
    "ServerErrorMiddleware",
    "SessionMiddleware",
    "SessionStore",
    "SimpleUser",
    "TrustedHostMiddleware",
    "UnauthenticatedUser",
    "has_required_scope",
    "requires",
]

_MODULES = {
    "AuthCredentials": ".auth",
    "AuthenticationBackend": ".auth",
    "AuthenticationError": ".auth",
    "AuthenticationMiddleware": ".authentication",
    "BaseHTTPMiddleware": ".base",
    "BaseUser": ".auth",
    "CORSMiddleware": ".cors",
    "CompressionMiddleware": ".compression",
    "CookieSessionStore": ".session_stores",
    "DebugMiddleware": ".debug",
    "ExceptionMiddleware": ".exceptions",
    "GZipMiddleware": ".gzip",
    "HTTPSRedirectMiddleware": ".httpsredirect",
    "HookMiddleware": ".hooks",
    "MemorySessionStore": ".session_stores",
    "Middleware": ".record",
    "OpenTelemetryMiddleware": ".opentelemetry",
    "RequestBodyLimitMiddleware": ".body_limit",
    "ResponseStart": ".hooks",
    "ServerErrorMiddleware": ".errors",
    "SessionMiddleware": ".sessions",
    "SessionStore": ".session_stores",
    "SimpleUser": ".auth",
    "TrustedHostMiddleware": ".trustedhost",
    "UnauthenticatedUser": ".auth",
    "has_required_scope": ".auth",
    "requires": ".auth",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
