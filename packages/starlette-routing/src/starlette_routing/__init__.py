"""Routes, mounts, hosts, converters, endpoints and schemas for ASGI applications."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .convertors import (
        Convertor,
        register_url_convertor,
    )
    from .endpoints import (
        HTTPEndpoint,
        WebSocketEndpoint,
    )
    from .routing import (
        BaseRoute,
        Host,
        Match,
        Mount,
        NoMatchFound,
        Path,
        PathPrefix,
        ProtocolRouter,
        Route,
        Router,
        WebSocketRoute,
    )
    from .schemas import (
        BaseSchemaGenerator,
        EndpointInfo,
        OpenAPIResponse,
        SchemaGenerator,
    )
    from .shadows import (
        ShadowedRoute,
        shadowed_routes,
    )

__all__ = [
    "BaseRoute",
    "BaseSchemaGenerator",
    "Convertor",
    "EndpointInfo",
    "HTTPEndpoint",
    "Host",
    "Match",
    "Mount",
    "NoMatchFound",
    "OpenAPIResponse",
    "Path",
    "PathPrefix",
    "ProtocolRouter",
    "Route",
    "Router",
    "SchemaGenerator",
    "ShadowedRoute",
    "WebSocketEndpoint",
    "WebSocketRoute",
    "register_url_convertor",
    "shadowed_routes",
]

_MODULES = {
    "BaseRoute": ".routing",
    "BaseSchemaGenerator": ".schemas",
    "Convertor": ".convertors",
    "EndpointInfo": ".schemas",
    "HTTPEndpoint": ".endpoints",
    "Host": ".routing",
    "Match": ".routing",
    "Mount": ".routing",
    "NoMatchFound": ".routing",
    "OpenAPIResponse": ".schemas",
    "Path": ".routing",
    "PathPrefix": ".routing",
    "ProtocolRouter": ".routing",
    "Route": ".routing",
    "Router": ".routing",
    "SchemaGenerator": ".schemas",
    "ShadowedRoute": ".shadows",
    "WebSocketEndpoint": ".endpoints",
    "WebSocketRoute": ".routing",
    "register_url_convertor": ".convertors",
    "shadowed_routes": ".shadows",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
