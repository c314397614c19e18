"""A call that can be awaited or entered."""

import pytest

from starlette_http.awaitables import AwaitableOrContextManager, AwaitableOrContextManagerWrapper


class Resource:
    closed = False

    async def close(self) -> None:
        self.closed = True


async def opened() -> Resource:
    return Resource()


def open_resource() -> AwaitableOrContextManager[Resource]:
    return AwaitableOrContextManagerWrapper(opened())


async def test_awaiting_gives_the_result_open() -> None:
    resource = await open_resource()
    assert not resource.closed


async def test_entering_gives_the_result_and_closes_it() -> None:
    async with open_resource() as resource:
        assert not resource.closed
    assert resource.closed


async def test_result_is_closed_when_the_block_fails() -> None:
    with pytest.raises(ValueError, match="broken"):
        async with open_resource() as resource:
            raise ValueError("broken")
    assert resource.closed
