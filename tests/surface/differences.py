"""Names of upstream's surface that differ on purpose, each with its reason."""

_STR = "URL is a str, as the classic document promises, and has the methods of str"
_NO_CALLBACKS = "forms are read by a parser that gives events; there are no callbacks to override"
_OTHER_KIND = "an object of this class has no such attribute: it is declared upstream, never set"
_WSGI = "the worker thread waits for each message to be sent; there is no stream of messages"

DIFFERENCES: dict[str, str] = {
    "starlette.datastructures:URL.__str__": _STR,
    "starlette.datastructures:URL.replace": f"{_STR}; replace(old, new) is one of them",
    "starlette.background:BackgroundTasks.args": _OTHER_KIND,
    "starlette.background:BackgroundTasks.func": _OTHER_KIND,
    "starlette.background:BackgroundTasks.is_async": _OTHER_KIND,
    "starlette.background:BackgroundTasks.kwargs": _OTHER_KIND,
    "starlette.formparsers:FormParser.on_field_data": _NO_CALLBACKS,
    "starlette.formparsers:FormParser.on_field_end": _NO_CALLBACKS,
    "starlette.formparsers:FormParser.on_field_name": _NO_CALLBACKS,
    "starlette.formparsers:FormParser.on_field_start": _NO_CALLBACKS,
    "starlette.middleware.wsgi:WSGIResponder.sender": _WSGI,
    "starlette.middleware.wsgi:WSGIResponder.stream_receive": _WSGI,
    "starlette.middleware.wsgi:WSGIResponder.stream_send": _WSGI,
    "starlette.requests:Request._json": "absent until json() was awaited, which others test for",
    "starlette.responses:FileResponse.body": _OTHER_KIND,
    "starlette.responses:StreamingResponse.body": _OTHER_KIND,
    "starlette.testclient:WebSocketDenialResponse.code": _OTHER_KIND,
    "starlette.testclient:WebSocketDenialResponse.reason": _OTHER_KIND,
}
