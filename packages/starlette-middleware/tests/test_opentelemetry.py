"""OpenTelemetryMiddleware: the span around a request."""

import importlib
import sys
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace import NoOpTracerProvider, SpanContext, SpanKind, StatusCode, TraceFlags

from starlette_http.response import PlainTextResponse
from starlette_http.types import ASGIApp, Receive, Scope, Send
from starlette_middleware.opentelemetry import OpenTelemetryMiddleware


class RecordingSpan(trace.Span):
    """A span that keeps what it is told."""

    def __init__(self, name: str, context: Context | None, kind: SpanKind) -> None:
        self.name = name
        self.parent = trace.get_current_span(context).get_span_context()
        self.kind = kind
        self.attributes: dict[str, Any] = {}
        self.status: StatusCode | None = None
        self.exceptions: list[BaseException] = []
        self.ended = 0

    def end(self, end_time: int | None = None) -> None:
        self.ended += 1

    def get_span_context(self) -> SpanContext:
        return SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(1))

    def set_attribute(self, key: str, value: Any) -> None:
        self.attributes[key] = value

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        self.attributes |= attributes

    def add_event(self, name: str, attributes: Any = None, timestamp: Any = None) -> None: ...

    def update_name(self, name: str) -> None:
        self.name = name

    def is_recording(self) -> bool:
        return True

    def set_status(self, status: Any, description: str | None = None) -> None:
        self.status = status.status_code

    def record_exception(
        self,
        exception: BaseException,
        attributes: Any = None,
        timestamp: Any = None,
        escaped: bool = False,
    ) -> None:
        self.exceptions.append(exception)


class Recorder(trace.TracerProvider, trace.Tracer):
    """A provider, and tracer, that keeps its spans."""

    def __init__(self) -> None:
        self.spans: list[RecordingSpan] = []
        self.tracers: list[str] = []

    def get_tracer(self, instrumenting_module_name: str, *args: Any, **kwargs: Any) -> trace.Tracer:
        self.tracers.append(instrumenting_module_name)
        return self

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Any = None,
        *args: Any,
        **kwargs: Any,
    ) -> RecordingSpan:
        span = RecordingSpan(name, context, kind)
        span.set_attributes(attributes or {})
        self.spans.append(span)
        return span

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Any:
        return trace.use_span(self.start_span(*args, **kwargs))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("hello")(scope, receive, send)


def routed(route: Any, status: int = 200, **scope_changes: Any) -> ASGIApp:
    """An application whose router found this route."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["route"] = route
        scope.update(scope_changes)
        await PlainTextResponse("", status_code=status)(scope, receive, send)

    return app


SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/users/1",
    "query_string": b"a=b",
    "root_path": "",
    "headers": [(b"host", b"example.org:8000"), (b"user-agent", b"curl")],
    "client": ("192.0.2.1", 1234),
    "server": ("127.0.0.1", 8000),
}


async def call(app: ASGIApp, channel: Any, **changes: Any) -> dict[str, Any]:
    scope = SCOPE | changes
    await app(scope, channel().receive, channel().send)
    return scope


async def test_attributes_of_a_request(channel: Any, recorder: Recorder) -> None:
    scope = await call(OpenTelemetryMiddleware(hello, tracer_provider=recorder), channel)
    [span] = recorder.spans

    assert recorder.tracers == ["starlette"]
    assert span.name == "GET"
    assert span.kind is SpanKind.SERVER
    assert span.attributes == {
        "http.request.method": "GET",
        "url.path": "/users/1",
        "url.scheme": "http",
        "url.query": "a=b",
        "server.address": "example.org",
        "server.port": 8000,
        "network.protocol.version": "1.1",
        "client.address": "192.0.2.1",
        "user_agent.original": "curl",
        "http.response.status_code": 200,
    }
    assert span.status is None
    assert span.ended == 1
    assert "starlette.opentelemetry" not in scope


async def test_what_is_not_known_is_left_out(channel: Any, recorder: Recorder) -> None:
    app = OpenTelemetryMiddleware(hello, tracer_provider=recorder)
    await app({"type": "http", "method": "GET", "path": "/"}, channel().receive, channel().send)

    assert recorder.spans[0].attributes == {
        "http.request.method": "GET",
        "url.path": "/",
        "url.scheme": "http",
        "http.response.status_code": 200,
    }


async def test_default_port_is_that_of_the_scheme(channel: Any, recorder: Recorder) -> None:
    app = OpenTelemetryMiddleware(hello, tracer_provider=recorder)
    await call(app, channel, scheme="https", headers=[(b"host", b"example.org")])

    assert recorder.spans[0].attributes["server.port"] == 443


async def test_method_that_nobody_knows(channel: Any, recorder: Recorder) -> None:
    await call(OpenTelemetryMiddleware(hello, tracer_provider=recorder), channel, method="BREW")
    [span] = recorder.spans

    assert span.name == "HTTP"
    assert span.attributes["http.request.method"] == "_OTHER"
    assert span.attributes["http.request.method_original"] == "BREW"


@pytest.mark.parametrize(
    ("route", "changes", "name"),
    [
        (SimpleNamespace(path_format="/users/{id}"), {}, "GET /users/{id}"),
        (
            SimpleNamespace(path_format="/users/{id}"),
            {"root_path": "/api"},
            "GET /api/users/{id}",
        ),
        (SimpleNamespace(path_format="/m/{path}", routes=[]), {"root_path": "/m"}, "GET /m"),
        (SimpleNamespace(path_format="/{path}", routes=[]), {}, "GET /"),
        (object(), {}, "GET"),
        (None, {}, "GET"),
    ],
    ids=["route", "route in a mount", "mount", "mount at the root", "other", "none"],
)
async def test_route_gives_the_name(
    channel: Any, recorder: Recorder, route: Any, changes: dict[str, Any], name: str
) -> None:
    app = OpenTelemetryMiddleware(routed(route, **changes), tracer_provider=recorder)
    await call(app, channel)
    [span] = recorder.spans

    assert span.name == name
    assert span.attributes.get("http.route") == (name[4:] or None)


async def test_parent_comes_from_the_headers(channel: Any, recorder: Recorder) -> None:
    traceparent = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    app = OpenTelemetryMiddleware(hello, tracer_provider=recorder)
    await call(app, channel, headers=iter([(b"traceparent", traceparent)]))

    assert trace.format_span_id(recorder.spans[0].parent.span_id) == "b7ad6b7169203331"


class AllHeaders(TextMapPropagator):
    """A propagator that looks at every header."""

    seen: list[str] = []

    def extract(self, carrier: Any, context: Any = None, getter: Any = None) -> Context:
        self.seen.extend(getter.keys(carrier))
        return context or Context()

    def inject(self, carrier: Any, context: Any = None, setter: Any = None) -> None: ...

    @property
    def fields(self) -> set[str]:
        return set()


@pytest.fixture
def all_headers() -> Iterator[AllHeaders]:
    before = propagate.get_global_textmap()
    propagate.set_global_textmap(propagator := AllHeaders())
    yield propagator
    propagate.set_global_textmap(before)


async def test_propagators_see_all_headers(
    channel: Any, recorder: Recorder, all_headers: AllHeaders
) -> None:
    await call(OpenTelemetryMiddleware(hello, tracer_provider=recorder), channel)

    assert all_headers.seen[:2] == ["host", "user-agent"]


async def test_span_is_current_in_the_application(channel: Any, recorder: Recorder) -> None:
    current: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        current.append(trace.get_current_span())

    await call(OpenTelemetryMiddleware(app, tracer_provider=recorder), channel)

    assert current == recorder.spans
    assert trace.get_current_span() is trace.INVALID_SPAN


async def test_server_error(channel: Any, recorder: Recorder) -> None:
    await call(OpenTelemetryMiddleware(routed(None, 503), tracer_provider=recorder), channel)
    [span] = recorder.spans

    assert span.attributes["http.response.status_code"] == 503
    assert span.attributes["error.type"] == "503"
    assert span.status is StatusCode.ERROR


async def test_client_error_is_no_error_of_the_server(channel: Any, recorder: Recorder) -> None:
    await call(OpenTelemetryMiddleware(routed(None, 404), tracer_provider=recorder), channel)

    assert "error.type" not in recorder.spans[0].attributes
    assert recorder.spans[0].status is None


async def test_escaped_exception(channel: Any, recorder: Recorder) -> None:
    error = LookupError("gone")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    with pytest.raises(LookupError):
        await call(OpenTelemetryMiddleware(app, tracer_provider=recorder), channel)
    [span] = recorder.spans

    assert span.attributes["error.type"] == "LookupError"
    assert span.status is StatusCode.ERROR
    assert span.exceptions == [error]
    assert span.ended == 1


async def test_nested_layers_make_one_span(channel: Any, recorder: Recorder) -> None:
    inner = OpenTelemetryMiddleware(hello, tracer_provider=recorder)
    await call(OpenTelemetryMiddleware(inner, tracer_provider=recorder), channel)

    assert len(recorder.spans) == 1


@pytest.mark.parametrize(
    ("excluded", "spans"),
    [
        ("users", 0),
        ("nothing, ^http://example", 0),
        (["org:8000/users/\\d"], 0),
        ("/other,", 1),
        ((), 1),
        ("", 1),
    ],
)
async def test_excluded_urls_have_no_span(
    channel: Any, recorder: Recorder, excluded: Any, spans: int
) -> None:
    app = OpenTelemetryMiddleware(hello, excluded_urls=excluded, tracer_provider=recorder)
    await call(app, channel)

    assert len(recorder.spans) == spans


async def test_noop_provider_traces_nothing(channel: Any) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    middleware = OpenTelemetryMiddleware(app, tracer_provider=NoOpTracerProvider())
    send = channel().send
    await middleware({"type": "http"}, channel().receive, send)

    assert seen[0] == {"type": "http"}
    assert seen[2] == send


async def test_global_provider_is_the_default(channel: Any) -> None:
    await call(OpenTelemetryMiddleware(hello), channel)


@pytest.mark.parametrize("kind", ["websocket", "lifespan", "vendor"])
async def test_other_scopes_pass_untouched(channel: Any, recorder: Recorder, kind: str) -> None:
    seen: list[Any] = []

    async def app(*arguments: Any) -> None:
        seen.extend(arguments)

    scope, receive, send = {"type": kind}, channel().receive, channel().send
    middleware = OpenTelemetryMiddleware(app=app, tracer_provider=recorder)
    await middleware(scope, receive, send)

    assert middleware.app is app
    assert seen == [scope, receive, send]
    assert scope == {"type": kind}


def test_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "starlette_middleware.opentelemetry")

    with pytest.raises(
        ImportError,
        match=r"^The `opentelemetry-api` package is required to use `OpenTelemetryMiddleware`\."
        r" Install it with: pip install 'starlette-middleware\[opentelemetry\]'$",
    ):
        importlib.import_module("starlette_middleware.opentelemetry")
