"""What the classic document's chapter on routing imports: ASGI-2 applications."""

from starlette import JSONResponse
from starlette.types import Receive, Scope, Send


class _Telling:
    """Answer with the name of the class and what the router left in the scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, receive: Receive, send: Send) -> None:
        kwargs = self.scope.get("kwargs", {})
        await JSONResponse([type(self).__name__, kwargs])(receive, send)


class Homepage(_Telling): ...


class SubMountedApp(_Telling): ...


class User(_Telling): ...


class Users(_Telling): ...
