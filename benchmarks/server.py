"""A request under a real server: the CPU time that uvicorn's process spends on it.

The server runs by itself, with uvloop and httptools, and is asked over loopback on connections that
are kept alive. What this process spends on asking is not counted. The control is the raw ASGI
application under the same server: what it costs is what the server costs.
"""

import atexit
import re
import socket
import subprocess
import sys
from pathlib import Path

from cases import figure, http_scope

FRAMEWORKS = (
    "starlette",
    "raw",
    "fastapi",
    "baize",
    "blacksheep",
    "falcon",
    "lilya",
    "litestar",
    "quart",
    "sanic",
)
PATHS = {"GET / -> text": "/", "GET /users/{id} -> 300 B JSON": "/users/42"}
CONNECTIONS = 8
TIMES = 100
PATIENCE = 30
HEADERS = b"".join(b"%s: %s\r\n" % header for header in http_scope()["headers"])


class Server:
    """A server process, and the connections to it."""

    def __init__(self, framework: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("server_child.py")), framework],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.process.communicate, timeout=PATIENCE)
        address = "127.0.0.1", int(self.process.stdout.readline())
        self.connections = [
            socket.create_connection(address, timeout=PATIENCE) for _ in range(CONNECTIONS)
        ]

    def cpu_seconds(self) -> float:
        """The CPU time of the server's process until now, as it says itself."""
        print(file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def answer_length(self, request: bytes) -> int:
        """The length of a whole answer, which is the same each time."""
        self.connections[0].sendall(request)
        answer = b""
        while not whole(answer):
            answer += received(self.connections[0], 65536)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"the server answers {answer!r}")
        return len(answer)

    def ask(self, request: bytes, length: int) -> None:
        """Send the request on each connection, and read all answers."""
        for connection in self.connections:
            connection.sendall(request)
        for connection in self.connections:
            read(connection, length)


def whole(answer: bytes) -> bool:
    """Whether this is an answer to its end, of a known length or chunked."""
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    return bool(end) and (len(body) == int(length[1]) if length else body.endswith(b"0\r\n\r\n"))


def received(connection: socket.socket, length: int) -> bytes:
    chunk = connection.recv(length)
    if not chunk:
        raise SystemExit("the server closed a connection")
    return chunk


def read(connection: socket.socket, length: int) -> None:
    while length > 0:
        length -= len(received(connection, length))


_servers: dict[str, Server] = {}


def register(name: str, framework: str) -> None:
    request = b"GET %s HTTP/1.1\r\n%s\r\n" % (PATHS[name].encode(), HEADERS)

    @figure(name, "s", contender=framework)
    def prepare():
        if framework not in _servers:
            _servers[framework] = Server(framework)
        server = _servers[framework]
        length = server.answer_length(request)

        def once() -> float:
            before = server.cpu_seconds()
            for _ in range(TIMES):
                server.ask(request, length)
            return (server.cpu_seconds() - before) / (TIMES * CONNECTIONS)

        once()  # warm
        return once


for case_name in PATHS:
    for contender_name in FRAMEWORKS:
        register(case_name, contender_name)
