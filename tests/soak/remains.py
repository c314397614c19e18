"""What a process holds: descriptors, threads, tasks, objects, files and memory."""

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx

__all__ = ["Remains", "files_in", "remains"]


@dataclass
class Remains:
    """What should be the same whenever nobody is there, and what should be nearly so."""

    descriptors: Counter[str]
    threads: int
    tasks: Counter[str]
    files: list[str]
    objects: int
    memory: int

    def same(self, other: "Remains") -> bool:
        """Whether both hold the same, but for objects and memory."""
        return self._counted() == other._counted()

    def _counted(self) -> tuple[object, ...]:
        return self.descriptors, self.threads, self.tasks.total(), self.files

    def __str__(self) -> str:
        counted = f"{self.descriptors.total()} descriptors, {self.threads} threads, "
        counted += f"{self.tasks.total()} tasks, {len(self.files)} files"
        return f"{counted}, {self.objects} objects, {self.memory / 2**20:.1f} MiB"


async def remains(base_url: str, process: int, temporary: Path) -> Remains:
    """Ask the process, and the kernel about it."""
    answer = await _asked(httpx.URL(base_url))
    status = Path(f"/proc/{process}/status").read_text()
    return Remains(
        descriptors=Counter(_descriptors(process)),
        threads=int(re.findall(r"Threads:\s+(\d+)", status)[0]),
        tasks=Counter(answer["tasks"]),
        files=files_in(temporary),
        objects=answer["objects"],
        memory=int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024,
    )


async def _asked(url: httpx.URL) -> Any:
    # Read until the connection ends: then the process has closed it, and it is not counted.
    assert url.port
    async with await anyio.connect_tcp(url.host, url.port) as stream:
        await stream.send(b"GET /remains HTTP/1.1\r\nhost: soak\r\nconnection: close\r\n\r\n")
        answer = b"".join([part async for part in stream])
    return json.loads(answer.partition(b"\r\n\r\n")[2])


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def _descriptors(process: int) -> list[str]:
    """The kinds of the open descriptors: "socket", "pipe", or the path of a file."""
    folder = Path(f"/proc/{process}/fd")
    return [os.readlink(path).partition(":[")[0] for path in folder.iterdir()]
