"""An ordinary form: shown by GET, sent by POST."""

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from examples.demo.templating import templates

TOPPINGS = ("Cheese", "Mushrooms", "Olives", "Pineapple")


class Order(HTTPEndpoint):
    async def get(self, request: Request) -> Response:
        return templates.TemplateResponse(request, "order.html", {"toppings": TOPPINGS})

    async def post(self, request: Request) -> Response:
        async with request.form() as form:
            order = {
                "name": form.get("name", ""),
                "toppings": [topping for topping in TOPPINGS if topping in form.getlist("topping")],
            }
        if not order["name"]:
            problem = {"toppings": TOPPINGS, "problem": "Who is the pizza for?"}
            return templates.TemplateResponse(request, "order.html", problem, status_code=422)
        return templates.TemplateResponse(request, "ordered.html", order)
