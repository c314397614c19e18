"""The targets: what each thing may cost, and whether the last run met it.

A row names a case of a subject and how much of the reference's cost ours may be. The reference is
the same case on upstream, or what the row says; the ratio is that of one round, its median counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.contenders import NOT_PEERS
from benchmarks.record import Results, Spread, minus, ratio, spread


@dataclass(frozen=True)
class Row:
    """One target: ours at `case` is at most `target` times `reference`, at `against` or the same.

    `control` names the contender whose figure, of the same case, is taken off both before.
    """

    name: str
    subject: str
    case: str
    target: float
    reference: str = "upstream"
    against: str | None = None
    contender: str = "ours"
    control: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What the last run says of a row; `peer` is the best other framework with its figures."""

    ours: list[float]
    reference: list[float]
    ratio: Spread
    met: bool
    unit: str
    peer: tuple[str, list[float]] | None


def _routing(lookup: str) -> tuple[Row, ...]:
    return tuple(
        Row(
            f"{lookup}, {size} routes, of our own at 10",
            "routing",
            f"{lookup}, {size} routes",
            1.5,
            reference="ours",
            against=f"{lookup}, 10 routes",
        )
        for size in ("1,000", "10,000")
    )


BOARD = (
    Row("GET / -> text", "peers", "GET / -> text", 0.40),
    Row("GET /users/{id:int} -> 300 B JSON", "peers", "GET /users/{id} -> 300 B JSON", 0.65),
    *_routing("last"),
    *_routing("last, with a parameter"),
    *_routing("none: 404"),
    *_routing("wrong method: 405"),
    Row(
        "one BaseHTTPMiddleware, the application taken off",
        "middleware",
        "BaseHTTPMiddleware x1",
        0.35,
        control="raw",
    ),
    Row(
        "five BaseHTTPMiddleware, the application taken off",
        "middleware",
        "BaseHTTPMiddleware x5",
        0.35,
        control="raw",
    ),
    Row("five plain ASGI middleware", "peers", "five plain ASGI middleware", 0.5),
    Row("CORS, a simple request", "application", "CORS, a simple request", 0.6),
    Row("session: read, changed, sent", "application", "session: read, changed, sent", 0.75),
    Row("urlencoded form, 1,000 fields", "peers", "POST a form of 1,000 fields", 0.3),
    Row("multipart form, 20 fields", "http_requests", "form(): multipart, 20 fields", 0.8),
    Row(
        "multipart form, a file of 10 MiB",
        "http_requests",
        "form(): multipart, one file of 10 MiB",
        0.5,
    ),
    Row("stream of 1 MiB in 1 KiB", "peers", "stream of 1 MiB in 1 KiB", 0.4),
    Row("stream of 1 MiB in 64 KiB", "peers", "stream of 1 MiB in 64 KiB", 0.2),
    Row("file of 1 KiB", "http_responses", "file: 1 KiB, 2.3", 0.5),
    Row("file of 10 MiB", "http_responses", "file: 10 MiB, 2.3", 0.25),
    Row("one range of a file", "http_responses", "file: 64 KiB range of 10 MiB, 2.3", 0.5),
    Row("static files: one range", "staticfiles", "one range of 1 kB", 0.5),
    Row("static files: 304", "staticfiles", "small file, known by its date -> 304", 0.2),
    Row(
        "websocket: 100 text frames",
        "websocket_frames",
        "application: echo of 100 text frames",
        0.7,
    ),
    Row(
        "websocket: 100 JSON frames",
        "websocket_frames",
        "application: echo of 100 JSON frames",
        0.9,
    ),
    Row("plain def endpoint", "application", "GET / -> plain def endpoint", 0.8),
    Row("test client: GET without with", "testclient", "GET without with", 0.25),
    Row("test client: GET inside with", "testclient", "GET inside with", 0.4),
    Row(
        "test client: websocket without with",
        "testclient",
        "websocket connect and echo without with",
        0.5,
    ),
    Row(
        "test client: websocket inside with",
        "testclient",
        "websocket connect and echo inside with",
        0.5,
    ),
    Row("import of applications, routing, responses", "imports", "import", 0.7),
    Row("memory of an idle route", "growth", "idle route", 1.2),
    Row("memory of an idle route with a parameter", "growth", "idle route, with a parameter", 1.2),
    Row("memory of an idle websocket", "growth", "idle websocket", 0.6),
    Row("a request under uvicorn", "server", "GET / -> text", 1.12, reference="raw"),
    Row("FastAPI, 100 routes, JSON", "fastapi_application", "GET a path -> JSON, 100 routes", 1.0),
    Row(
        "time of a stream of 32 MiB, of our own at 2 MiB",
        "growth",
        "stream of 32 MiB",
        17,
        reference="ours",
        against="stream of 2 MiB",
    ),
    Row(
        "memory of a stream of 32 MiB, of our own at 2 MiB",
        "growth",
        "stream of 32 MiB, at its peak",
        1.1,
        reference="ours",
        against="stream of 2 MiB, at its peak",
    ),
    Row(
        "memory of a form with a file of 32 MiB, of our own at 2 MiB",
        "growth",
        "form with a file of 32 MiB, at its peak",
        1.1,
        reference="ours",
        against="form with a file of 2 MiB, at its peak",
    ),
    Row(
        "a request beside 1,000 idle websockets, of our own beside none",
        "growth",
        "GET beside 1,000 idle websockets",
        1.1,
        reference="ours",
        against="GET beside 0 idle websockets",
    ),
    Row(
        "memory after 10,000 more paths, of our own before",
        "growth",
        "application after 20,000 paths",
        1.01,
        reference="ours",
        against="application after 10,000 paths",
    ),
)


def judged(row: Row, results: Results) -> Verdict | None:
    """The verdict on a row, None where its case or its reference was not measured."""
    result: Mapping[str, Any] = results.get(row.subject, {"cases": {}})
    times = result["cases"].get(row.case, {})
    reference_times = result["cases"].get(row.against or row.case, {})
    if row.contender not in times or row.reference not in reference_times:
        return None
    ours, reference = times[row.contender], reference_times[row.reference]
    if row.control:
        ours = minus(ours, times[row.control])
        reference = minus(reference, reference_times[row.control])
    found = ratio(ours, reference)
    return Verdict(
        ours=ours,
        reference=reference,
        ratio=found,
        met=found.median <= row.target,
        unit=result["units"].get(row.case, "s"),
        peer=best_peer(times),
    )


def best_peer(times: Mapping[str, list[float]]) -> tuple[str, list[float]] | None:
    """The cheapest of the other frameworks by its median, None where none has the case."""
    peers = [item for item in times.items() if item[0] not in NOT_PEERS]
    return min(peers, key=lambda item: spread(item[1]).median, default=None)
