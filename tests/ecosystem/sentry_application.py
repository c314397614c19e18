"""An application under Sentry, in a process of its own: Sentry patches classes for good.

Prints what Sentry would have sent, as JSON.
"""

import json
from typing import Any

import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.starlette import StarletteIntegration
from sentry_sdk.transport import Transport

from starlette.applications import Starlette
from starlette.authentication import AuthCredentials, AuthenticationBackend, SimpleUser
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

SENT: list[dict[str, Any]] = []


class Keep(Transport):
    def capture_envelope(self, envelope: Envelope) -> None:
        for item in envelope.items:
            SENT.append({"type": item.type, **(item.payload.json or {})})


class Ada(AuthenticationBackend):
    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, SimpleUser]:
        return AuthCredentials(["authenticated"]), SimpleUser("ada")


async def fails(request: Request) -> Response:
    await request.json()
    raise ValueError("no such luck")


async def refuses(request: Request) -> Response:
    raise HTTPException(503)


def threaded(request: Request) -> Response:
    return PlainTextResponse("fine")


def main() -> None:
    sentry_sdk.init(
        "https://key@sentry.invalid/1",
        transport=Keep,
        integrations=[StarletteIntegration(middleware_spans=True)],
        traces_sample_rate=1.0,
        send_default_pii=True,
    )
    app = Starlette(
        routes=[
            Route("/fails/{id:int}", fails, methods=["POST"]),
            Route("/refuses", refuses),
            Route("/threaded", threaded),
        ],
        middleware=[Middleware(AuthenticationMiddleware, backend=Ada())],
    )
    client = TestClient(app, raise_server_exceptions=False)
    client.post("/fails/1", json={"luck": 0})
    client.get("/refuses")
    client.get("/threaded")
    print(json.dumps(SENT))


if __name__ == "__main__":
    main()
