"""Strawberry's ASGI application: queries, a mutation by form, and subscriptions over websockets."""

from collections.abc import AsyncIterator

import strawberry
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str) -> str:
        return f"Hello, {name}!"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncIterator[int]:
        for n in range(to):
            yield n


GRAPH: GraphQL = GraphQL(strawberry.Schema(Query, subscription=Subscription))
client = TestClient(Starlette(routes=[Mount("/graphql", GRAPH)]))


def test_query() -> None:
    answer = client.post("/graphql/", json={"query": '{ hello(name: "Ada") }'})
    assert answer.json() == {"data": {"hello": "Hello, Ada!"}}


def test_query_that_is_no_graphql_has_errors() -> None:
    answer = client.post("/graphql/", json={"query": "{ nothing }"})
    assert "Cannot query field" in answer.json()["errors"][0]["message"]


def test_body_that_is_no_json_is_400() -> None:
    headers = {"content-type": "application/json"}
    assert client.post("/graphql/", content=b"{", headers=headers).status_code == 400


def test_page_to_explore_the_graph() -> None:
    answer = client.get("/graphql/", headers={"accept": "text/html"})
    assert "GraphiQL" in answer.text


def test_subscription() -> None:
    protocols = [GRAPHQL_TRANSPORT_WS_PROTOCOL]
    with client.websocket_connect("/graphql/", protocols) as websocket:
        websocket.send_json({"type": "connection_init"})
        assert websocket.receive_json()["type"] == "connection_ack"
        query = {"query": "subscription { count(to: 2) }"}
        websocket.send_json({"id": "1", "type": "subscribe", "payload": query})
        messages = [websocket.receive_json() for _ in range(3)]
    assert [message["type"] for message in messages] == ["next", "next", "complete"]
    assert [m["payload"]["data"] for m in messages[:2]] == [{"count": 0}, {"count": 1}]
