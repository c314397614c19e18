"""The routes of the demo."""

import secrets
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from examples.demo import chat, clock, failing, forms, pages, uploads, visits

HERE = Path(__file__).resolve().parent

# Sessions end with the program, since the key does. One that lives on has its key in a file.
sessions = Middleware(SessionMiddleware, secret_key=secrets.token_hex(), session_cookie="demo")

# One endpoint alone shows its failures. All of an application does with `Starlette(debug=True)`.
debug = Middleware(ServerErrorMiddleware, debug=True)

app = Starlette(
    routes=[
        Route("/", pages.home, name="home"),
        Route("/hello/{name}", pages.hello, name="hello"),
        Route("/numbers", pages.numbers, name="numbers"),
        Route("/order", forms.Order, name="order"),
        Route("/uploads", uploads.page, name="uploads"),
        Route("/uploads", uploads.receive, methods=["POST"]),
        Route("/uploads/{key}", uploads.download, name="download"),
        Route("/visits", visits.page, name="visits"),
        Route("/visits/log-in", visits.log_in, methods=["POST"], name="log_in"),
        Route("/visits/log-out", visits.log_out, methods=["POST"], name="log_out"),
        Route("/clock", clock.page, name="clock"),
        Route("/clock/events", clock.events, name="ticks"),
        Route("/chat", pages.chat, name="chat"),
        WebSocketRoute("/chat/room", chat.room, name="room"),
        Route("/failing", failing.total, name="failing", middleware=[debug]),
        Mount("/assets", StaticFiles(directory=HERE / "assets"), name="assets"),
        Mount("/site", StaticFiles(directory=HERE / "site", html=True), name="site"),
    ],
    middleware=[sessions],
    lifespan=[chat.lifespan, clock.lifespan, uploads.lifespan],
)
