"""Real servers on 127.0.0.1: uvicorn, and hypercorn on asyncio and on trio."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.from_thread
import pytest
import trio

Serve = Callable[..., str]


@contextlib.contextmanager
def hypercorn_on(backend: str, app: Any) -> Iterator[str]:
    """Serve `app` with hypercorn in a thread of its own; gives the base URL."""
    worker = pytest.importorskip(f"hypercorn.{backend}")
    config = pytest.importorskip("hypercorn.config").Config()
    config.graceful_timeout = 2.0
    with anyio.from_thread.start_blocking_portal(backend) as portal:
        listener = socket.create_server(("127.0.0.1", 0))  # who connects too early waits here
        port = listener.getsockname()[1]
        config.bind = [f"fd://{listener.detach()}"]  # hypercorn closes it
        stop = portal.call(anyio.Event)
        serving = portal.start_task_soon(
            lambda: worker.serve(app, config, shutdown_trigger=stop.wait, mode="asgi")
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            portal.call(stop.set)
            # Hypercorn on trio may answer a close while the application sends, and trips over it.
            try:
                serving.result(10)
            except* trio.BusyResourceError:
                pass


@pytest.fixture(params=["uvicorn", "hypercorn on asyncio", "hypercorn on trio"])
def serve_on(request: pytest.FixtureRequest) -> Iterator[Serve]:
    """Serve an application under each server in turn: `serve_on(app)` gives its base URL."""
    name: str = request.param
    if name == "uvicorn":
        yield request.getfixturevalue("serve")
        return
    with contextlib.ExitStack() as stack:
        backend = name.rpartition(" ")[2]
        yield lambda app: stack.enter_context(hypercorn_on(backend, app))


@pytest.fixture
def is_hypercorn(request: pytest.FixtureRequest) -> bool:
    """Whether `serve_on` serves under hypercorn, which tells an application less than others."""
    return "hypercorn" in request.node.callspec.params["serve_on"]
