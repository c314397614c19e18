"""One call that can be awaited, or entered with `async with` to have the result closed."""

from collections.abc import Awaitable, Generator
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["AwaitableOrContextManager", "AwaitableOrContextManagerWrapper"]


class SupportsAsyncClose(Protocol):
    """Whatever has a `close()` to await."""

    async def close(self) -> None: ...


ResultT_co = TypeVar("ResultT_co", covariant=True)
ClosableT = TypeVar("ClosableT", bound=SupportsAsyncClose)


class AwaitableOrContextManager(Protocol[ResultT_co]):
    """`result = await x`, or `async with x as result:` which closes the result at the end."""

    def __await__(self) -> Generator[Any, None, ResultT_co]: ...

    async def __aenter__(self) -> ResultT_co: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None: ...


class AwaitableOrContextManagerWrapper(Generic[ClosableT]):
    """Both uses of `awaitable`, whose result has a `close()` coroutine. Good for one use."""

    __slots__ = ("_awaitable", "_result")

    def __init__(self, aw: Awaitable[ClosableT]) -> None:
        self._awaitable = aw

    def __await__(self) -> Generator[Any, None, ClosableT]:
        return self._awaitable.__await__()

    async def __aenter__(self) -> ClosableT:
        self._result = await self._awaitable
        return self._result

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        await self._result.close()
