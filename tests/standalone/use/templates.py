"""starlette-http[templates]: a page."""

import tempfile
from pathlib import Path

from tests.standalone.exchange import ask

from starlette_http import Request
from starlette_http.templating import Jinja2Templates
from starlette_http.types import Receive, Scope, Send

with tempfile.TemporaryDirectory() as directory:
    Path(directory, "page.html").write_text("<h1>{{ title }}</h1>")
    templates = Jinja2Templates(directory=directory)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = templates.TemplateResponse(Request(scope), "page.html", {"title": "A & B"})
        await response(scope, receive, send)

    assert ask(app, "/").body == b"<h1>A &amp; B</h1>"
