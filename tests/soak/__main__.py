"""A bounded load on a real server in a process of its own, and what it leaves behind: nothing.

`hatch run soak:run [--seconds 180] [--server uvicorn-asyncio] [--clients 8] [--seed 1]`

Polite clients check every answer; among them rude ones leave in the middle of everything. When all
have left, the process must hold what it held before: as many descriptors, threads, tasks and
temporary files, and, compared with the end of a warm-up, about as many objects and bytes. It must
have logged nothing but what is expected here, and must end when it is asked to.
"""

import argparse
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
from tests.soak.application import CHUNK, CHUNKS
from tests.soak.polite import POLITE
from tests.soak.remains import Remains, files_in, remains
from tests.soak.rude import RUDE

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = ("-W", "default::ResourceWarning", "-m", "tests.soak.server")
SERVERS = ("uvicorn-asyncio", "hypercorn-asyncio", "hypercorn-trio")
CLIENTS: dict[str, Callable[[httpx.AsyncClient], Awaitable[None]]] = {
    **{polite.__name__: polite for polite in POLITE},
    **{rude.name: rude for rude in RUDE},
}
# After these Hypercorn keeps a connection, or logs a traceback, whatever the application does.
HYPERCORN_TRIPS_OVER = {
    "body that comes too late",
    "many requests, one answer read",
    "websocket, half a frame",
    "websocket, after a message",
    "websocket, not masked",
}
WARM_UP = 0.4  # of the time; until then caches, and the pools of the allocator, grow
MORE_OBJECTS = 500
MORE_MEMORY = 2 * 2**20
# What is freed goes back to the kernel at once, and so can be told from what is not.
MALLOC = {"MALLOC_ARENA_MAX": "1", "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0"}
# Threads that nobody needs end after 10 seconds, in anyio and in Trio.
QUIET_SECONDS = 30
# What asyncio says of each chunk that is sent before the loop has told that the client is gone, and
# what uvicorn says of clients that break the rules.
EXPECTED = re.compile(
    r"socket\.send\(\) raised exception\.|WARNING:  Invalid HTTP request received\."
)


class Soak:
    """The load on one server, and what that held at its quiet moments."""

    def __init__(self, names: list[str], process: int, url: str, temporary: Path) -> None:
        self.names = names
        self.process = process
        self.url = url
        self.temporary = temporary
        self.calls: Counter[str] = Counter()

    async def run(self, clients: int, seconds: float) -> None:
        with anyio.fail_after(30):
            before = await self.remains()
        warm = await self.load(clients, seconds * WARM_UP, before)
        end = await self.load(clients, seconds * (1 - WARM_UP), before)
        assert end.objects <= warm.objects + MORE_OBJECTS, f"objects: {warm.objects}, {end.objects}"
        assert end.memory <= warm.memory + MORE_MEMORY, f"bytes: {warm.memory}, {end.memory}"

    async def load(self, clients: int, seconds: float, before: Remains) -> Remains:
        end = time.monotonic() + seconds
        async with anyio.create_task_group() as group:
            for _ in range(clients):
                group.start_soon(self.one_client, end)
        return await self.quiet(before)

    async def one_client(self, end: float) -> None:
        """Every client in an order of its own, again and again until the end."""
        limits = httpx.Limits(keepalive_expiry=1)  # less than any server's, which would be a race
        async with httpx.AsyncClient(base_url=self.url, timeout=30, limits=limits) as client:
            while time.monotonic() < end:
                for name in random.sample(self.names, len(self.names)):
                    await self.call(name, client)

    async def call(self, name: str, client: httpx.AsyncClient) -> None:
        self.calls[name] += 1
        try:
            with anyio.fail_after(30):
                await CLIENTS[name](client)
        except Exception as error:
            error.add_note(f"The client was: {name}")
            raise

    async def quiet(self, before: Remains) -> Remains:
        """Wait until the process holds what it held before the load."""
        end = time.monotonic() + QUIET_SECONDS
        while not (now := await self.remains()).same(before):
            assert time.monotonic() < end, f"left behind\n{before!r}\n{now!r}"
            await anyio.sleep(1)  # nothing tells when another process has closed something
        print(f"after {self.calls.total()} clients: {now}", flush=True)
        return now

    async def remains(self) -> Remains:
        return await remains(self.url, self.process, self.temporary)


@contextmanager
def served(server: str, folder: Path, temporary: Path) -> Iterator[tuple[int, str]]:
    """The process id and the URL of a server, which has ended and left no file afterwards."""
    (folder / "files").mkdir()
    (folder / "files" / "large.bin").write_bytes(CHUNK * CHUNKS)
    with socket.create_server(("127.0.0.1", 0)) as listener, open(folder / "log", "w") as log:
        descriptor = listener.fileno()
        process = subprocess.Popen(
            [sys.executable, *SERVER, server, str(descriptor), folder / "files"],
            cwd=ROOT,
            env=os.environ | MALLOC | {"TMPDIR": str(temporary)},
            stdout=log,
            stderr=log,
            pass_fds=[descriptor],
        )
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield process.pid, url
    finally:
        process.terminate()
        try:
            code = process.wait(30)
        finally:
            process.kill()
    assert code in (0, -signal.SIGTERM), f"the server ended with {code}"
    assert files_in(temporary) == []


def clients_for(server: str) -> list[str]:
    left_out = HYPERCORN_TRIPS_OVER if server.startswith("hypercorn") else set()
    return [name for name in CLIENTS if name not in left_out]


def logged(log: Path) -> list[str]:
    """The lines of the log that are not expected."""
    return [line for line in log.read_text().splitlines() if not EXPECTED.fullmatch(line)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="soak", description="Soak an application of everything.")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--server", choices=SERVERS, default=SERVERS[0])
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    print(f"{options.server} for {options.seconds} s, seed {options.seed}", flush=True)
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as temporary:
        try:
            with served(options.server, Path(folder), Path(temporary)) as (process, url):
                soak = Soak(clients_for(options.server), process, url, Path(temporary))
                anyio.run(soak.run, options.clients, options.seconds)
        finally:
            unexpected = logged(Path(folder) / "log")
            for line in unexpected[:100]:
                print(line)
        assert not unexpected, f"{len(unexpected)} lines were logged"


if __name__ == "__main__":
    main()
