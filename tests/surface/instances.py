"""One instance of every class whose instance attributes are part of the surface."""

import io
from collections.abc import Callable
from typing import Any

from starlette import (
    applications,
    authentication,
    background,
    config,
    datastructures,
    endpoints,
    exceptions,
    formparsers,
    middleware,
    requests,
    responses,
    routing,
    schemas,
    staticfiles,
    templating,
    testclient,
    websockets,
)
from starlette.middleware import (
    authentication as authentication_layer,
    base,
    body_limit,
    cors,
    errors,
    exceptions as exceptions_layer,
    gzip,
    httpsredirect,
    opentelemetry,
    sessions,
    trustedhost,
)
from starlette.types import Receive, Scope, Send

HTTP: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
WEBSOCKET: Scope = {"type": "websocket", "path": "/", "headers": []}


async def app(scope: Scope, receive: Receive, send: Send) -> None: ...


async def accept(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})


def wsgi() -> Any:
    import starlette.middleware.wsgi

    return starlette.middleware.wsgi


INSTANCES: dict[str, Callable[[], Any]] = {
    "starlette.applications:Starlette": applications.Starlette,
    "starlette.authentication:AuthCredentials": authentication.AuthCredentials,
    "starlette.authentication:SimpleUser": lambda: authentication.SimpleUser("x"),
    "starlette.background:BackgroundTask": lambda: background.BackgroundTask(print),
    "starlette.background:BackgroundTasks": background.BackgroundTasks,
    "starlette.config:Config": config.Config,
    "starlette.datastructures:State": datastructures.State,
    "starlette.datastructures:URLPath": lambda: datastructures.URLPath("/"),
    "starlette.datastructures:UploadFile": lambda: datastructures.UploadFile(io.BytesIO()),
    "starlette.endpoints:HTTPEndpoint": lambda: endpoints.HTTPEndpoint(HTTP, None, None),  # type: ignore[arg-type]
    "starlette.endpoints:WebSocketEndpoint": lambda: endpoints.WebSocketEndpoint(
        WEBSOCKET,
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
    ),
    "starlette.exceptions:HTTPException": lambda: exceptions.HTTPException(404),
    "starlette.exceptions:WebSocketException": lambda: exceptions.WebSocketException(1000),
    "starlette.formparsers:FormParser": lambda: formparsers.FormParser(
        datastructures.Headers(),
        None,  # type: ignore[arg-type]
    ),
    "starlette.formparsers:MultiPartException": lambda: formparsers.MultiPartException("x"),
    "starlette.formparsers:MultiPartParser": lambda: formparsers.MultiPartParser(
        datastructures.Headers({"content-type": "multipart/form-data; boundary=b"}),
        None,  # type: ignore[arg-type]
    ),
    "starlette.formparsers:MultipartPart": formparsers.MultipartPart,
    "starlette.middleware:Middleware": lambda: middleware.Middleware(base.BaseHTTPMiddleware),
    "starlette.middleware.authentication:AuthenticationMiddleware": (
        lambda: authentication_layer.AuthenticationMiddleware(
            app, authentication.AuthenticationBackend()
        )
    ),
    "starlette.middleware.base:BaseHTTPMiddleware": lambda: base.BaseHTTPMiddleware(app),
    "starlette.middleware.body_limit:RequestBodyLimitMiddleware": (
        lambda: body_limit.RequestBodyLimitMiddleware(app, 1)
    ),
    "starlette.middleware.body_limit:RequestBodyLimitResponder": (
        lambda: body_limit.RequestBodyLimitResponder(app, 1)
    ),
    "starlette.middleware.body_limit:_RequestBodyTooLarge": body_limit._RequestBodyTooLarge,
    "starlette.middleware.cors:CORSMiddleware": lambda: cors.CORSMiddleware(app),
    "starlette.middleware.errors:ServerErrorMiddleware": lambda: errors.ServerErrorMiddleware(app),
    "starlette.middleware.exceptions:ExceptionMiddleware": (
        lambda: exceptions_layer.ExceptionMiddleware(app)
    ),
    "starlette.middleware.gzip:GZipMiddleware": lambda: gzip.GZipMiddleware(app),
    "starlette.middleware.gzip:GZipResponder": lambda: gzip.GZipResponder(app, 500),
    "starlette.middleware.gzip:IdentityResponder": lambda: gzip.IdentityResponder(app, 500),
    "starlette.middleware.httpsredirect:HTTPSRedirectMiddleware": (
        lambda: httpsredirect.HTTPSRedirectMiddleware(app)
    ),
    "starlette.middleware.opentelemetry:OpenTelemetryMiddleware": (
        lambda: opentelemetry.OpenTelemetryMiddleware(app)
    ),
    "starlette.middleware.sessions:SessionMiddleware": (
        lambda: sessions.SessionMiddleware(app, "secret")
    ),
    "starlette.middleware.trustedhost:TrustedHostMiddleware": (
        lambda: trustedhost.TrustedHostMiddleware(app)
    ),
    "starlette.middleware.wsgi:WSGIMiddleware": lambda: wsgi().WSGIMiddleware(app),
    "starlette.middleware.wsgi:WSGIResponder": lambda: wsgi().WSGIResponder(app, HTTP),
    "starlette.requests:HTTPConnection": lambda: requests.HTTPConnection(HTTP),
    "starlette.requests:Request": lambda: requests.Request(HTTP),
    "starlette.responses:FileResponse": lambda: responses.FileResponse(__file__),
    "starlette.responses:HTMLResponse": responses.HTMLResponse,
    "starlette.responses:JSONResponse": lambda: responses.JSONResponse({}),
    "starlette.responses:MalformedRangeHeader": responses.MalformedRangeHeader,
    "starlette.responses:PlainTextResponse": responses.PlainTextResponse,
    "starlette.responses:RangeNotSatisfiable": lambda: responses.RangeNotSatisfiable(1),
    "starlette.responses:RedirectResponse": lambda: responses.RedirectResponse("/"),
    "starlette.responses:Response": responses.Response,
    "starlette.responses:StreamingResponse": lambda: responses.StreamingResponse([]),
    "starlette.routing:Host": lambda: routing.Host("example.org", app),
    "starlette.routing:Mount": lambda: routing.Mount("/", app),
    "starlette.routing:Route": lambda: routing.Route("/", app),
    "starlette.routing:Router": routing.Router,
    "starlette.routing:WebSocketRoute": lambda: routing.WebSocketRoute("/", app),
    "starlette.schemas:OpenAPIResponse": lambda: schemas.OpenAPIResponse({}),
    "starlette.schemas:SchemaGenerator": lambda: schemas.SchemaGenerator({}),
    "starlette.staticfiles:NotModifiedResponse": (
        lambda: staticfiles.NotModifiedResponse(datastructures.Headers())
    ),
    "starlette.staticfiles:StaticFiles": staticfiles.StaticFiles,
    "starlette.templating:Jinja2Templates": lambda: templating.Jinja2Templates(directory="."),
    "starlette.testclient:TestClient": lambda: testclient.TestClient(app),
    "starlette.testclient:WebSocketDenialResponse": (
        lambda: testclient.WebSocketDenialResponse(403)
    ),
    "starlette.testclient:WebSocketTestSession": (
        lambda: testclient.TestClient(accept).websocket_connect("/")
    ),
    "starlette.websockets:WebSocket": lambda: websockets.WebSocket(WEBSOCKET, None, None),  # type: ignore[arg-type]
    "starlette.websockets:WebSocketClose": websockets.WebSocketClose,
    "starlette.websockets:WebSocketDisconnect": websockets.WebSocketDisconnect,
}
