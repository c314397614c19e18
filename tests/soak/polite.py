"""Clients that say all that they have to say, and check every answer."""

import hashlib
import random
from collections.abc import Awaitable, Callable

import httpx
from tests.soak.application import CHUNK, CHUNKS, lines
from websockets.asyncio.client import connect

__all__ = ["POLITE"]


def check(response: httpx.Response, status_code: int = 200) -> None:
    assert response.status_code == status_code, (response, response.text[:200])
    assert response.headers["x-layer"] == "base", response.headers


async def json(client: httpx.AsyncClient) -> None:
    check(response := await client.get("/hello/ada"))
    assert response.json() == {"hello": "ada"}
    check(response := await client.post("/json", json={"list": list(range(1000))}))
    assert response.json() == {"list": list(range(1000))}


async def mistakes(client: httpx.AsyncClient) -> None:
    check(await client.get("/no/such/page"), 404)
    check(await client.put("/json"), 405)
    check(await client.post("/json", content=b'{"half'), 400)
    multipart = {"content-type": "multipart/form-data; boundary=b"}
    check(await client.post("/form", content=b"--b\r\nhalf", headers=multipart), 400)


async def form(client: httpx.AsyncClient) -> None:
    small, large = random.randbytes(1000), random.randbytes(3_000_000)
    check(response := await client.post("/form", files={"small": small, "large": large}))
    assert response.json() == {
        name: [len(content), hashlib.sha256(content).hexdigest()]
        for name, content in (("small", small), ("large", large))
    }


async def parts(client: httpx.AsyncClient) -> None:
    files = {"small": b"x" * 1000, "large": CHUNK * CHUNKS}
    check(response := await client.post("/parts", files=files))
    assert response.json() == {"small": 1000, "large": len(CHUNK) * CHUNKS}


async def impatient(client: httpx.AsyncClient) -> None:
    check(response := await client.post("/impatient", content=b"x" * 10_000))
    assert response.text == "10000"


async def stream(client: httpx.AsyncClient) -> None:
    check(response := await client.get("/stream", headers={"accept-encoding": "identity"}))
    assert response.content == CHUNK * CHUNKS


async def compressed(client: httpx.AsyncClient) -> None:
    coding = random.choice(["gzip", "br", "zstd"])
    check(response := await client.get("/threaded", headers={"accept-encoding": coding}))
    assert response.headers["content-encoding"] == coding
    assert response.text == "".join(lines())


async def events(client: httpx.AsyncClient) -> None:
    """The first five events; then it leaves, since there is no last one."""
    numbers: list[int] = []
    async with client.stream("GET", "/events") as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                numbers.append(int(line.removeprefix("data: ")))
            if len(numbers) == 5:
                break
    assert numbers == [0, 1, 2, 3, 4]


async def download(client: httpx.AsyncClient) -> None:
    check(response := await client.get("/download"))
    assert response.content == CHUNK * CHUNKS


async def ranges(client: httpx.AsyncClient) -> None:
    check(whole := await client.get("/files/large.bin"))
    assert whole.content == CHUNK * CHUNKS
    first = random.randrange(len(whole.content))
    headers = {"range": f"bytes={first}-{first + 999}"}
    check(part := await client.get("/files/large.bin", headers=headers), 206)
    assert part.content == whole.content[first : first + 1000]
    headers = {"range": "bytes=0-9,100-109"}
    check(two := await client.get("/files/large.bin", headers=headers), 206)
    assert two.content.count(b"content-range") + two.content.count(b"Content-Range") == 2
    check(await client.get("/files/large.bin", headers={"range": "bytes=99999999-"}), 416)
    headers = {"if-none-match": whole.headers["etag"]}
    check(await client.get("/files/large.bin", headers=headers), 304)


async def visits(client: httpx.AsyncClient) -> None:
    cookie = ""
    for count in (1, 2, 3):
        check(response := await client.get("/visits", headers={"cookie": cookie}))
        assert response.json() == {"visits": count}
        cookie = response.headers["set-cookie"].partition(";")[0]


async def websocket(client: httpx.AsyncClient) -> None:
    async with connect(f"ws://127.0.0.1:{client.base_url.port}/echo") as websocket:
        for size in (0, 10, 100_000):
            await websocket.send("x" * size)
            assert await websocket.recv() == "x" * size


POLITE: list[Callable[[httpx.AsyncClient], Awaitable[None]]] = [
    json,
    mistakes,
    form,
    parts,
    impatient,
    stream,
    compressed,
    events,
    download,
    ranges,
    visits,
    websocket,
]
