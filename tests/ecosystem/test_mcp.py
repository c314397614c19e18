"""The SDK of the Model Context Protocol: its server is a Starlette application."""

import httpx
import pytest
from conftest import Serve
from mcp.client import Client
from mcp.server.mcpserver import MCPServer

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

# uvicorn runs on asyncio here, and so does what is asked.
pytestmark = pytest.mark.parametrize("anyio_backend", ["asyncio"])


def adder() -> Starlette:
    server = MCPServer("adder")

    @server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @server.custom_route("/health", methods=["GET"])
    async def health(request: Request) -> Response:
        return JSONResponse({"path": request.url.path})

    app: Starlette = server.streamable_http_app()
    return app


async def test_tool_is_called_over_http(serve: Serve) -> None:
    async with Client(serve(adder()) + "/mcp") as client:
        result = await client.call_tool("add", {"a": 2, "b": 3})
    assert result.structured_content == {"result": 5}


async def test_server_is_mounted_in_an_application(serve: Serve) -> None:
    inner = adder()
    app = Starlette(
        routes=[Mount("/tools", inner)],
        lifespan=lambda _: inner.router.lifespan_context(inner),
    )
    async with Client(serve(app) + "/tools/mcp") as client:
        tools = await client.list_tools()
    assert [tool.name for tool in tools.tools] == ["add"]


async def test_custom_route(serve: Serve) -> None:
    async with httpx.AsyncClient(base_url=serve(adder())) as client:
        answer = await client.get("/health")
    assert answer.json() == {"path": "/health"}
