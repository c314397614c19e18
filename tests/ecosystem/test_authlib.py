"""Authlib's client: a login by OAuth 2 at a provider, with its state kept in the session."""

import httpx
from authlib.integrations.starlette_client import OAuth, OAuthError
from conftest import Serve

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route


async def authorize(request: Request) -> Response:
    back = httpx.URL(request.query_params["redirect_uri"])
    answer = {"code": "the-code", "state": request.query_params["state"]}
    return RedirectResponse(str(back.copy_merge_params(answer)))


async def token(request: Request) -> Response:
    form = await request.form()
    known = form["code"] == "the-code" and "code_verifier" in form
    return JSONResponse(
        {"access_token": "secret", "token_type": "Bearer"} if known else {"error": "invalid_grant"},
        status_code=200 if known else 400,
    )


PROVIDER = Starlette(
    routes=[Route("/authorize", authorize), Route("/token", token, methods=["POST"])]
)


def site(provider: str) -> Starlette:
    oauth = OAuth()
    client = oauth.register(
        "provider",
        client_id="site",
        client_secret="shared",
        authorize_url=provider + "/authorize",
        access_token_url=provider + "/token",
        client_kwargs={"code_challenge_method": "S256"},
    )

    async def login(request: Request) -> Response:
        answer: Response = await client.authorize_redirect(request, request.url_for("back"))
        return answer

    async def back(request: Request) -> Response:
        try:
            granted = await client.authorize_access_token(request)
        except OAuthError as error:
            return JSONResponse({"error": error.error}, status_code=403)
        return JSONResponse({"token": granted["access_token"]})

    return Starlette(
        routes=[Route("/login", login), Route("/back", back)],
        middleware=[Middleware(SessionMiddleware, secret_key="key")],
    )


def test_login_goes_to_the_provider_and_back(serve: Serve) -> None:
    url = serve(site(serve(PROVIDER)))
    with httpx.Client(base_url=url, follow_redirects=True) as browser:
        assert browser.get("/login").json() == {"token": "secret"}


def test_answer_with_the_state_of_somebody_else_is_refused(serve: Serve) -> None:
    url = serve(site(serve(PROVIDER)))
    with httpx.Client(base_url=url) as browser:
        assert browser.get("/login").status_code == 302
        answer = browser.get("/back", params={"code": "the-code", "state": "another"})
    assert answer.json() == {"error": "mismatching_state"}
