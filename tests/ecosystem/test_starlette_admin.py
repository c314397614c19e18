"""starlette-admin: pages, static files, sessions and forms in one mounted application."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from starlette_admin import BaseAdmin, BaseModelView, IntegerField, StringField

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient


@dataclass
class Post:
    id: int
    title: str


class PostView(BaseModelView):
    key = "post"
    display_name = "Post"
    display_name_plural = "Posts"
    pk_attr = "id"
    fields = (IntegerField("id"), StringField("title"))

    def __init__(self) -> None:
        super().__init__()
        self.posts = {1: Post(1, "Hello from the list")}

    async def find_all(self, request: Request, *args: Any, **kwargs: Any) -> Sequence[Post]:
        return list(self.posts.values())

    async def count(self, request: Request, *args: Any, **kwargs: Any) -> int:
        return len(self.posts)

    async def find_by_pk(self, request: Request, pk: Any) -> Post | None:
        return self.posts.get(int(pk))

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[Post]:
        return [self.posts[int(pk)] for pk in pks]

    async def create(self, request: Request, data: dict[str, Any]) -> Post:
        post = self.posts[data["id"]] = Post(data["id"], data["title"])
        return post

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Post:
        self.posts[int(pk)].title = data["title"]
        return self.posts[int(pk)]

    async def delete(self, request: Request, pks: list[Any]) -> int:
        return len([self.posts.pop(int(pk)) for pk in pks])


@pytest.fixture
def client() -> TestClient:
    admin = BaseAdmin(title="Office", secret_key="k" * 32)
    admin.add_view(PostView())
    app = Starlette()
    admin.mount_to(app)
    return TestClient(app)


def test_index_page(client: TestClient) -> None:
    answer = client.get("/admin/")
    assert answer.status_code == 200
    assert "<title>Office" in " ".join(answer.text.split()).replace("> ", ">")


def test_detail_page_shows_the_record(client: TestClient) -> None:
    assert "Hello from the list" in client.get("/admin/post/detail?pk=1").text


def test_page_of_a_record_that_is_not_there_is_404(client: TestClient) -> None:
    assert client.get("/admin/post/detail?pk=2").status_code == 404
