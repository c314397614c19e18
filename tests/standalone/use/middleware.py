"""starlette-middleware: layers around an application that knows nothing of them."""

import gzip
from typing import Any

from tests.standalone.exchange import ask

from starlette_middleware.cors import CORSMiddleware
from starlette_middleware.errors import ServerErrorMiddleware
from starlette_middleware.gzip import GZipMiddleware


async def framework(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/fail":
        raise ValueError("boom")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 1000})


app = CORSMiddleware(GZipMiddleware(framework), allow_origins=["https://example.org"])
answer = ask(app, "/", {"origin": "https://example.org", "accept-encoding": "gzip"})
assert answer.headers["access-control-allow-origin"] == "https://example.org"
assert gzip.decompress(answer.body) == b"x" * 1000

answers = []
debug = ServerErrorMiddleware(framework, debug=True)
try:
    ask(debug, "/fail")
except ValueError as error:
    answers.append(str(error))
assert answers == ["boom"]
