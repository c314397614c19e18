"""Evaluate expressions over whichever `starlette` is installed here: `python evaluate.py FOLDER`.

Standard input is a JSON list of expressions, standard output one of what each comes to: the repr
of its value, or the class and text of its exception. FOLDER has the files to be served.
"""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

from starlette.datastructures import (  # noqa: F401
    URL,
    Headers,
    ImmutableMultiDict,
    MultiDict,
    MutableHeaders,
    QueryParams,
    URLPath,
)
from starlette.requests import Request, cookie_parser  # noqa: F401
from starlette.responses import (  # noqa: F401
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import (
    Host,  # noqa: F401
    Mount,  # noqa: F401
    Route,  # noqa: F401
    Router,
    WebSocketRoute,  # noqa: F401
    compile_path,
)
from starlette.staticfiles import StaticFiles

FOLDER = Path(sys.argv[1])


def scope(path: str = "/", method: str = "GET", query: bytes = b"", **more: Any) -> Any:
    """An HTTP scope; `headers` is a dict of texts."""
    headers = [(name.encode(), value.encode()) for name, value in more.pop("headers", {}).items()]
    base = {"type": "http", "asgi": {"spec_version": "2.4"}, "root_path": "", "headers": headers}
    return {**base, "path": path, "method": method, "query_string": query, **more}


def call(app: Any, **parts: Any) -> Any:
    """What an application sends: its start, and the body and `more_body` of each other message."""
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(10)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope(**parts), receive, send))
    start, *body = sent
    rest = [(bytes(m["body"]), m.get("more_body", False)) if "body" in m else m for m in body]
    return start["status"], start["headers"], rest


def file(name: str = "ten.txt", /, **kwargs: Any) -> Any:
    """A file response."""
    return FileResponse(FOLDER / name, **kwargs)


def ranges(value: str, name: str = "ten.txt", method: str = "GET", **headers: str) -> Any:
    """What is sent of a file for this Range header."""
    return call(file(name), method=method, headers={"range": value, **headers})


def static(path: str, *, html: bool = False, **parts: Any) -> Any:
    """What the static files of FOLDER answer, or the HTTPException that they raise."""

    async def answer() -> Any:
        app = StaticFiles(directory=FOLDER, html=html)
        given = scope(path, **parts)
        response = await app.get_response(app.get_path(given), given)
        return response.status_code, sorted(response.raw_headers)

    return asyncio.run(answer())


def form(content_type: str, *chunks: bytes, **limits: Any) -> Any:
    """The pairs of a form; of a file what is known of it, and its content."""
    messages = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    messages.append({"type": "http.request"})

    async def receive() -> Any:
        return messages.pop(0)

    async def read() -> Any:
        request = Request(scope(headers={"content-type": content_type}), receive)
        async with request.form(**limits) as fields:
            return [
                (name, value)
                if isinstance(value, str)
                else (name, value.filename, value.size, value.content_type, await value.read())
                for name, value in fields.multi_items()
            ]

    return asyncio.run(read())


def cookie(*args: Any, **kwargs: Any) -> Any:
    """The headers of `set_cookie` with these arguments."""
    response = Response()
    response.set_cookie(*args, **kwargs)
    return response.headers.getlist("set-cookie")


async def show(request: Any) -> Any:
    """An endpoint that answers with what the router told it."""
    told = {name: str(value) for name, value in request.path_params.items()}
    return JSONResponse([told, request.scope["root_path"], request.scope.get("app_root_path")])


async def talk(websocket: Any) -> None:
    """The same over a websocket."""
    told = {name: str(value) for name, value in websocket.path_params.items()}
    await websocket.accept(str([told, websocket.scope["root_path"]]))


class Shown:
    """An endpoint that is an application."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await (await show(Request(scope)))(scope, receive, send)


def routed(routes: list[Any], path: str, **parts: Any) -> Any:
    """What a router sends, without the methods it allows, and the route it found."""
    sent: list[Any] = []
    given = scope(path, **{"server": ("s", 80), "scheme": "http", **parts})

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        shown = dict(message)
        if "headers" in shown:
            shown["headers"] = [h for h in map(tuple, shown["headers"]) if h[0] != b"allow"]
        sent.append(shown)

    asyncio.run(Router(routes)(given, receive, send))
    route = given.get("route")
    return sent, getattr(route, "path", getattr(route, "host", None))


def named(routes: list[Any], name: str, **params: Any) -> Any:
    """The path, protocol and host of a route by its name."""
    url = Router(routes).url_path_for(name, **params)
    return str(url), url.protocol, url.host


def template(path: str) -> Any:
    """What a path template is compiled to."""
    regex, path_format, convertors = compile_path(path)
    kinds = {name: type(convertor).__name__ for name, convertor in convertors.items()}
    return regex.pattern, path_format, kinds


def changed(value: Any, step: Any) -> Any:
    """The value after `step` changed it, its pairs, and what the step gave."""
    given = step(value)
    pairs = value.multi_items() if hasattr(value, "multi_items") else value.raw
    return value, pairs, given


def outcome(expression: str) -> str:
    """The repr of the value, or the exception, without what differs from run to run."""
    try:
        text = repr(eval(expression, globals()))
    except (NameError, SyntaxError):  # a slip in the table, not an outcome
        raise
    except Exception as exc:
        text = f"{type(exc).__name__}: {exc}"
    return re.sub(r"\b[0-9a-f]{26}\b", "BOUNDARY", text.replace(str(FOLDER), "FOLDER"))


if __name__ == "__main__":
    print(json.dumps([outcome(expression) for expression in json.load(sys.stdin)]))
