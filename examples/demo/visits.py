"""A session: who you are and how often you were here, in a signed cookie."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from examples.demo.templating import templates


async def page(request: Request) -> Response:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return templates.TemplateResponse(request, "visits.html")


async def log_in(request: Request) -> Response:
    async with request.form() as form:
        request.session["name"] = str(form.get("name", ""))[:40]
    return RedirectResponse(request.url_for("visits"), status_code=303)


async def log_out(request: Request) -> Response:
    request.session.clear()
    return RedirectResponse(request.url_for("visits"), status_code=303)
