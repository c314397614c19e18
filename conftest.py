"""What the tests of all packages share: hypothesis profiles, and a real server on 127.0.0.1."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import uvicorn

hypothesis.settings.register_profile("quick", max_examples=50, deadline=None)
hypothesis.settings.register_profile("long", max_examples=10_000, deadline=None)
hypothesis.settings.load_profile("quick")

Serve = Callable[..., str]


class _Server(uvicorn.Server):
    """A uvicorn server that tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextlib.contextmanager
def _running(app: Any, **options: Any) -> Iterator[str]:
    options = {"lifespan": "auto", "log_level": "warning", "ws": "websockets-sansio"} | options
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = _Server(uvicorn.Config(app, **options))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert server.ready.wait(10), "uvicorn did not start within 10 seconds"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)
            assert not thread.is_alive(), "uvicorn did not stop within 10 seconds"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve an application under uvicorn: `serve(app, **uvicorn_options)` gives its base URL."""
    with contextlib.ExitStack() as stack:
        yield lambda app, **options: stack.enter_context(_running(app, **options))
