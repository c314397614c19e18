"""fastapi-users: registration and login, with users in memory."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, CookieTransport, JWTStrategy
from fastapi_users.db import BaseUserDatabase

SECRET = "s" * 32


@dataclass
class User:
    email: str
    hashed_password: str
    is_active: bool = True
    is_superuser: bool = False
    is_verified: bool = False
    id: uuid.UUID = field(default_factory=uuid.uuid4)


class InMemory(BaseUserDatabase[User, uuid.UUID]):
    def __init__(self) -> None:
        self.users: list[User] = []

    async def get(self, id: uuid.UUID) -> User | None:
        return next((user for user in self.users if user.id == id), None)

    async def get_by_email(self, email: str) -> User | None:
        return next((user for user in self.users if user.email == email), None)

    async def create(self, create_dict: dict[str, Any]) -> User:
        self.users.append(User(**create_dict))
        return self.users[-1]


class Manager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    pass


class ReadUser(schemas.BaseUser[uuid.UUID]):
    pass


class CreateUser(schemas.BaseUserCreate):
    pass


@pytest.fixture
def client() -> TestClient:
    database = InMemory()

    async def manager() -> AsyncIterator[Manager]:
        yield Manager(database)

    backend: AuthenticationBackend[User, uuid.UUID] = AuthenticationBackend(
        name="jwt",
        transport=CookieTransport(),
        get_strategy=lambda: JWTStrategy(SECRET, lifetime_seconds=60),
    )
    users = FastAPIUsers[User, uuid.UUID](manager, [backend])
    current_user = users.current_user()
    app = FastAPI()
    app.include_router(users.get_register_router(ReadUser, CreateUser))
    app.include_router(users.get_auth_router(backend))

    @app.get("/me")
    async def me(user: Annotated[User, Depends(current_user)]) -> str:
        return user.email

    return TestClient(app, base_url="https://testserver")


def test_who_registers_can_log_in(client: TestClient) -> None:
    account = {"email": "ada@example.org", "password": "analytical"}
    assert client.post("/register", json=account).status_code == 201
    form = {"username": account["email"], "password": account["password"]}
    assert client.post("/login", data=form).status_code == 204
    assert client.get("/me").json() == "ada@example.org"


def test_who_is_not_logged_in_is_401(client: TestClient) -> None:
    assert client.get("/me").status_code == 401
