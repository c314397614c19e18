"""starlette-http: an application of one endpoint."""

from tests.standalone.exchange import ask

from starlette_http import FileResponse, JSONResponse, Request
from starlette_http.types import Receive, Scope, Send


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive, send)
    if request.url.path == "/source":
        await FileResponse(__file__)(scope, receive, send)
        return
    form = await request.form()
    await JSONResponse({**request.query_params, **form})(scope, receive, send)


answer = ask(
    app, "/?a=1", {"content-type": "application/x-www-form-urlencoded"}, b"b=2&c=%E2%82%AC"
)
assert answer.status == 200
assert answer.headers["content-type"] == "application/json"
assert answer.body.decode() == '{"a":"1","b":"2","c":"€"}'

source = ask(app, "/source", {"range": "bytes=0-2"})
assert (source.status, source.body) == (206, b'"""')
