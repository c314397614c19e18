"""starlette-http[forms]: an upload."""

from tests.standalone.exchange import ask

from starlette_http import JSONResponse, Request, UploadFile
from starlette_http.types import Receive, Scope, Send

BODY = b"""--b\r
content-disposition: form-data; name="file"; filename="a.txt"\r
content-type: text/plain\r
\r
hello\r
--b--\r
"""


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    async with Request(scope, receive, send).form() as form:
        upload = form["file"]
        assert isinstance(upload, UploadFile)
        told = [upload.filename, upload.content_type, (await upload.read()).decode()]
    await JSONResponse(told)(scope, receive, send)


answer = ask(app, "/", {"content-type": "multipart/form-data; boundary=b"}, BODY)
assert answer.body == b'["a.txt","text/plain","hello"]', answer
