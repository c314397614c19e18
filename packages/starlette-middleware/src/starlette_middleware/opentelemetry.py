"""`OpenTelemetryMiddleware` (experimental): a span for each request, by the HTTP conventions.

Around a request there is one SERVER span, a child of what the client's trace headers name. It is
called `GET /users/{id}` once the route is known, and has the attributes of the semantic
conventions for HTTP servers. Nested layers make one span between them.

    app = OpenTelemetryMiddleware(app, excluded_urls="/health,/metrics")
"""

import re
from collections.abc import Sequence
from typing import Any

from starlette_http.types import ASGIApp, Message, Receive, Scope, Send
from starlette_http.urls import URL

from .messages import HeaderPairs, get_header, request_headers

try:
    from opentelemetry import propagate
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.propagators.textmap import Getter
    from opentelemetry.trace import (
        NoOpTracerProvider,
        Span,
        SpanKind,
        Status,
        StatusCode,
        TracerProvider,
        get_tracer_provider,
        use_span,
    )
except ImportError as _exc:
    raise ImportError(
        "The `opentelemetry-api` package is required to use `OpenTelemetryMiddleware`."
        " Install it with: pip install 'starlette-middleware[opentelemetry]'"
    ) from _exc

__all__ = ["OpenTelemetryMiddleware"]

_SCOPE_KEY = "starlette.opentelemetry"
_METHODS = frozenset("CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split())
_DEFAULT_PORTS = {"http": 80, "https": 443}


class OpenTelemetryMiddleware:
    """Trace http requests; other connections pass.

    - `excluded_urls`: regular expressions, as a sequence or comma-separated. A request is not
      traced if one of them is found in its full URL.
    - `tracer_provider`: the global one at the time of construction, if not given.
    - `meter_provider`: accepted for what is to come, and not used yet.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        excluded_urls: str | Sequence[str] = (),
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        if isinstance(excluded_urls, str):
            excluded_urls = [url.strip() for url in excluded_urls.split(",") if url.strip()]
        provider = tracer_provider or get_tracer_provider()
        self.app = app
        self._excluded = [re.compile(url) for url in excluded_urls]
        self._tracer = (
            None if isinstance(provider, NoOpTracerProvider) else provider.get_tracer("starlette")
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application, within a span if the request is to be traced."""
        if scope["type"] != "http" or self._tracer is None or _SCOPE_KEY in scope:
            await self.app(scope, receive, send)
            return
        headers = request_headers(scope)
        url = URL(scope=scope)
        if any(excluded.search(url) for excluded in self._excluded):
            await self.app(scope, receive, send)
            return
        span = self._tracer.start_span(
            _method(scope, other="HTTP"),
            context=propagate.extract(headers, getter=_GETTER),
            kind=SpanKind.SERVER,
            attributes=_request_attributes(scope, url),
        )
        scope[_SCOPE_KEY] = span
        with use_span(span, True, record_exception=False, set_status_on_exception=False):
            try:
                await self.app(scope, receive, _Recorder(span, send))
            except Exception as exc:
                span.record_exception(exc)
                _mark_failed(span, type(exc).__qualname__)
                raise
            finally:
                scope.pop(_SCOPE_KEY, None)
                _name_after_route(span, scope)


class _Recorder:
    """A `send` that notes the status of the response on a span."""

    __slots__ = ("send", "span")

    def __init__(self, span: Span, send: Send) -> None:
        self.span = span
        self.send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            status = message["status"]
            self.span.set_attribute("http.response.status_code", status)
            if status >= 500:
                _mark_failed(self.span, str(status))
        await self.send(message)


class _HeaderGetter(Getter[HeaderPairs]):
    def get(self, carrier: HeaderPairs, key: str) -> list[str] | None:
        name = key.lower().encode("latin-1")
        return [value.decode("latin-1") for each, value in carrier if each == name] or None

    def keys(self, carrier: HeaderPairs) -> list[str]:
        return [name.decode("latin-1") for name, _ in carrier]


_GETTER = _HeaderGetter()


def _mark_failed(span: Span, error_type: str) -> None:
    span.set_attribute("error.type", error_type)
    span.set_status(Status(StatusCode.ERROR))


def _method(scope: Scope, other: str) -> str:
    """Give the method, or `other` for one that nobody knows: names must be few."""
    method: str = scope["method"]
    return method if method in _METHODS else other


def _request_attributes(scope: Scope, url: URL) -> dict[str, str | int]:
    user_agent = get_header(scope["headers"], b"user-agent")
    scheme = scope.get("scheme", "http")
    method = _method(scope, other="_OTHER")
    known: dict[str, Any] = {
        "http.request.method": method,
        "http.request.method_original": None if method == scope["method"] else scope["method"],
        "url.path": scope["path"],
        "url.scheme": scheme,
        "url.query": scope.get("query_string", b"").decode("utf-8", "replace") or None,
        "server.address": url.hostname,
        "server.port": url.port or (_DEFAULT_PORTS.get(scheme) if url.hostname else None),
        "network.protocol.version": scope.get("http_version"),
        "client.address": (scope.get("client") or (None,))[0],
        "user_agent.original": None if user_agent is None else user_agent.decode("latin-1"),
    }
    return {name: value for name, value in known.items() if value is not None}


def _name_after_route(span: Span, scope: Scope) -> None:
    route = scope.get("route")
    path_format = getattr(route, "path_format", None)
    if path_format is None:
        return
    root_path = scope.get("root_path", "")
    # A mount has routes of its own; its path is part of the root path by now.
    template = (root_path or "/") if hasattr(route, "routes") else root_path + path_format
    span.set_attribute("http.route", template)
    span.update_name(f"{_method(scope, other='HTTP')} {template}")
