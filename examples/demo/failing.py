"""An endpoint that fails on purpose, to show what the debug page tells of it."""

import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

PRICES = {"apple": 3, "plum": 2}


async def total(request: Request) -> Response:
    basket = ["apple", "plum", "pear"]
    api_key = secrets.token_hex()  # the page shows local variables, but not this one
    return JSONResponse({"total": sum(price_of(fruit) for fruit in basket), "key": bool(api_key)})


def price_of(fruit: str) -> int:
    try:
        return PRICES[fruit]
    except KeyError as error:
        raise LookupError(f"Nobody sells {fruit!r} here.") from error
