"""Clients that leave in the middle, or send what they should not. None of them hears an answer."""

import random
import socket
import struct
from dataclasses import dataclass

import anyio
import httpx
from anyio.abc import SocketAttribute, SocketStream

__all__ = ["RUDE", "Rude"]

MULTIPART = b"Content-Type: multipart/form-data; boundary=b\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
MASKED_TEXT = b"\x81\x85\0\0\0\0hello"


def head(line: bytes, *headers: bytes) -> bytes:
    return line + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"".join(headers) + b"\r\n"


@dataclass
class Rude:
    """Sends, reads so many bytes of what comes back, sits there for a while, and leaves."""

    name: str
    sends: bytes
    reads: int = 0
    stays_seconds: float = 0

    async def __call__(self, client: httpx.AsyncClient) -> None:
        async with await anyio.connect_tcp("127.0.0.1", client.base_url.port or 80) as stream:
            leave = random.choice([hang_up, reset])
            try:
                await stream.send(self.sends)
                await self._read(stream)
                await anyio.sleep(self.stays_seconds)
            except (anyio.BrokenResourceError, anyio.EndOfStream):
                return  # the server was quicker to end it
            await leave(stream)

    async def _read(self, stream: SocketStream) -> None:
        left = self.reads
        while left > 0:
            left -= len(await stream.receive(left))


async def hang_up(stream: SocketStream) -> None:
    await stream.send_eof()


async def reset(stream: SocketStream) -> None:
    """With this option closing sends RST, as the kernel of a program that crashed does."""
    raw = stream.extra(SocketAttribute.raw_socket)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


UPLOAD = head(b"POST /form", MULTIPART, b"Content-Length: 9000000\r\n") + PART
PARTS = head(b"POST /parts", MULTIPART, b"Transfer-Encoding: chunked\r\n")
CHUNKED_PART = f"{len(PART):x}\r\n".encode() + PART + b"\r\n100000\r\n" + b"x" * 0x100000 + b"\r\n"

RUDE: list[Rude] = [
    Rude("says nothing", b"", stays_seconds=0.1),
    Rude("half a request line", b"GET /hel"),
    Rude("half the headers", b"GET /hello/x HTTP/1.1\r\nHost: 127.0."),
    Rude("not HTTP", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"),
    Rude("half a request after a whole one", head(b"GET /hello/x") + b"GET /hello", reads=10),
    Rude("many requests, one answer read", head(b"GET /stream") * 5, reads=10_000),
    Rude("half of a JSON", head(b"POST /json", b"Content-Length: 100\r\n") + b"[1, 2"),
    Rude("upload, before the body", UPLOAD),
    Rude("upload, in memory", UPLOAD + b"x" * 100_000),
    Rude("upload, on the disk", UPLOAD + b"x" * 5_000_000),
    Rude("upload, waiting", UPLOAD + b"x" * 2_000_000, stays_seconds=0.1),
    Rude("parts, in the middle of one", PARTS + CHUNKED_PART),
    Rude("parts, in half a chunk", PARTS + CHUNKED_PART[:50_000], stays_seconds=0.1),
    Rude("body that comes too late", head(b"POST /impatient", b"Content-Length: 9\r\n"), 12),
    Rude("request, without waiting", head(b"GET /stream")),
    Rude("download, in the middle", head(b"GET /stream"), reads=500_000),
    Rude("download, not reading", head(b"GET /stream"), reads=1, stays_seconds=0.2),
    Rude("compressed, in the middle", head(b"GET /threaded", b"Accept-Encoding: gzip\r\n"), 300),
    Rude("file, in the middle", head(b"GET /files/large.bin"), reads=500_000),
    Rude("file made for it, without waiting", head(b"GET /download")),
    Rude("file made for it, in the middle", head(b"GET /download"), reads=500_000),
    Rude("events, after some", head(b"GET /events"), reads=400),
    Rude("events, not reading", head(b"GET /events"), stays_seconds=0.2),
    Rude("websocket, half a handshake", head(b"GET /echo", UPGRADE)[:-2]),
    Rude("websocket, without waiting", head(b"GET /echo", UPGRADE)),
    Rude("websocket, after the handshake", head(b"GET /echo", UPGRADE), reads=12),
    Rude("websocket, half a frame", head(b"GET /echo", UPGRADE) + MASKED_TEXT[:8], reads=12),
    Rude("websocket, after a message", head(b"GET /echo", UPGRADE) + MASKED_TEXT, reads=100),
    Rude("websocket, not masked", head(b"GET /echo", UPGRADE) + b"\x81\x05hello", reads=100),
    Rude("flood, in the middle", head(b"GET /flood", UPGRADE), reads=500_000),
    Rude("flood, not reading", head(b"GET /flood", UPGRADE), reads=100, stays_seconds=0.2),
]
