"""starlette-staticfiles: a directory, as an application of its own."""

import tempfile
from pathlib import Path

from tests.standalone.exchange import ask

from starlette_staticfiles import StaticFiles

with tempfile.TemporaryDirectory() as directory:
    Path(directory, "site.css").write_text("h1 {}")
    app = StaticFiles(directory=directory)
    answer = ask(app, "/site.css")
    assert (answer.status, answer.body) == (200, b"h1 {}")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    again = ask(app, "/site.css", {"if-none-match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert ask(app, "/missing.css").status == 404
    assert ask(app, "/../site.css").status == 404
