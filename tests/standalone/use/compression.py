"""starlette-middleware[brotli,zstd]: the best coding that the client takes."""

from importlib import import_module
from typing import Any

from tests.standalone.exchange import ask

from starlette_middleware.compression import CompressionMiddleware


async def framework(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * 1000})


app = CompressionMiddleware(framework, encodings=["br", "zstd"])
for coding, module in {"br": "brotli", "zstd": "zstandard"}.items():
    answer = ask(app, "/", {"accept-encoding": coding})
    assert answer.headers["content-encoding"] == coding
    assert import_module(module).decompress(answer.body) == b"x" * 1000
