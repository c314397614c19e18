"""Refusing a connection."""

from typing import Any

import pytest

from starlette_http.denial import refuse
from starlette_http.response import PlainTextResponse


async def test_http_gets_the_response(channel: Any) -> None:
    connection = channel()
    response = PlainTextResponse("no", status_code=400)
    await refuse(response, {"type": "http"}, connection.receive, connection.send)

    assert connection.sent[0]["type"] == "http.response.start"
    assert connection.sent[0]["status"] == 400
    assert connection.body == b"no"


async def test_websocket_gets_a_denial_response_where_the_server_can_send_one(channel: Any) -> None:
    connection = channel()
    scope = {"type": "websocket", "extensions": {"websocket.http.response": {}}}
    await refuse(PlainTextResponse("no"), scope, connection.receive, connection.send)

    assert [message["type"] for message in connection.sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]


@pytest.mark.parametrize("extensions", [{}, {"extensions": None}, {"extensions": {}}])
async def test_websocket_is_closed_with_1008_elsewhere(channel: Any, extensions: Any) -> None:
    connection = channel()
    scope = {"type": "websocket", **extensions}
    await refuse(PlainTextResponse("no"), scope, connection.receive, connection.send)

    assert connection.sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
