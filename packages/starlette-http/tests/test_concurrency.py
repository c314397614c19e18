"""Worker threads, and tasks side by side."""

import contextvars
import threading
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from starlette_http.concurrency import (
    ThreadIterator,
    create_collapsing_task_group,
    iterate_in_threadpool,
    run_in_threadpool,
    run_until_first_complete,
)
from starlette_http.exceptions import StarletteDeprecationWarning

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")


async def test_function_runs_in_another_thread_with_its_arguments() -> None:
    def function(*args: Any, **kwargs: Any) -> Any:
        return threading.current_thread(), args, kwargs

    thread, args, kwargs = await run_in_threadpool(function, 1, 2, key="value")
    assert thread is not threading.current_thread()
    assert (args, kwargs) == ((1, 2), {"key": "value"})


async def test_context_variables_are_carried_into_the_thread() -> None:
    variable.set("seen")
    assert await run_in_threadpool(variable.get) == "seen"


async def test_error_of_the_function_passes_through() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        await run_in_threadpool(int, "x")


async def test_stop_iteration_of_the_function_is_a_runtime_error() -> None:
    with pytest.raises(RuntimeError):
        await run_in_threadpool(next, iter(()))


async def test_every_item_is_fetched_in_a_thread() -> None:
    def threads() -> Iterator[threading.Thread]:
        yield threading.current_thread()
        yield threading.current_thread()

    seen = [thread async for thread in iterate_in_threadpool(threads())]
    assert len(seen) == 2
    assert threading.current_thread() not in seen


async def test_any_iterable_can_be_iterated() -> None:
    assert [item async for item in iterate_in_threadpool(["a", None, 0])] == ["a", None, 0]


async def test_iteration_begins_at_first_use() -> None:
    class Iterable:
        started = False

        def __iter__(self) -> Iterator[int]:
            self.started = True
            return iter([1])

    iterable = Iterable()
    items = iterate_in_threadpool(iterable)
    assert not iterable.started
    assert [item async for item in items] == [1]


async def test_error_of_the_iterator_passes_through() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        assert [item async for item in iterate_in_threadpool(broken())] == []


def closing_generator(closed: list[bool]) -> Iterator[int]:
    try:
        yield from range(10)
    finally:
        closed.append(True)


async def test_generator_is_closed_with_the_iteration() -> None:
    closed: list[bool] = []
    async with aclosing(iterate_in_threadpool(closing_generator(closed))) as items:  # type: ignore[type-var]
        assert await anext(items) == 0
    assert closed == [True]


async def test_generator_is_closed_on_cancellation() -> None:
    closed: list[bool] = []
    with anyio.CancelScope() as scope:
        async for _ in iterate_in_threadpool(closing_generator(closed)):
            scope.cancel()
    assert closed == [True]


async def test_file_given_to_iterate_stays_open(tmp_path: Any) -> None:
    path = tmp_path / "lines"
    path.write_text("a\nb\n")
    with path.open() as file:
        async with aclosing(iterate_in_threadpool(file)) as lines:  # type: ignore[type-var]
            assert await anext(lines) == "a\n"
        assert not file.closed


async def test_thread_iterator_ends_when_it_is_closed() -> None:
    closed: list[bool] = []
    items = ThreadIterator(closing_generator(closed))
    assert await anext(items) == 0
    await items.aclose()
    assert closed == [True]
    assert [item async for item in items] == []


async def test_thread_iterator_can_be_closed_before_it_begins(tmp_path: Any) -> None:
    (tmp_path / "lines").write_text("a\n")
    with (tmp_path / "lines").open() as file:
        lines = ThreadIterator(file)
        await lines.aclose()
        assert file.closed
    assert [line async for line in lines] == []


async def test_thread_iterator_leaves_open_what_came_to_its_end(tmp_path: Any) -> None:
    (tmp_path / "lines").write_text("a\n")
    with (tmp_path / "lines").open() as file:
        lines = ThreadIterator(file)
        assert [line async for line in lines] == ["a\n"]
        await lines.aclose()
        assert not file.closed


async def test_thread_iterator_passes_errors_of_closing_through() -> None:
    class Broken(Iterator[int]):
        def __next__(self) -> int:
            raise AssertionError("iterated")

        def close(self) -> None:
            raise ValueError("not closed")

    with pytest.raises(ValueError, match="^not closed$"):
        await ThreadIterator(Broken()).aclose()


async def fail(error: Exception) -> None:
    raise error


async def run_tasks_that_raise(*errors: Exception) -> None:
    async with create_collapsing_task_group() as tasks:
        for error in errors:
            tasks.start_soon(fail, error)


async def test_single_error_of_a_task_is_raised_as_itself() -> None:
    error = ValueError("alone")
    with pytest.raises(ValueError, match="alone") as caught:
        await run_tasks_that_raise(error)
    assert caught.value is error
    assert error.__context__ is None


async def test_error_of_the_body_is_raised_as_itself() -> None:
    with pytest.raises(KeyError):
        async with create_collapsing_task_group():
            raise KeyError("alone")


async def test_several_errors_stay_a_group() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        await run_tasks_that_raise(ValueError("one"), KeyError("two"))
    assert {type(error) for error in caught.value.exceptions} == {ValueError, KeyError}


async def test_group_that_a_task_raised_stays_whole() -> None:
    inside = ValueError("inside")
    with pytest.raises(ExceptionGroup, match="mine") as caught:
        await run_tasks_that_raise(ExceptionGroup("mine", [inside]))
    assert caught.value.exceptions == (inside,)


async def test_task_group_without_errors_ends_quietly() -> None:
    async with create_collapsing_task_group() as tasks:
        tasks.start_soon(anyio.sleep, 0)


async def test_first_to_complete_cancels_the_others_and_warns() -> None:
    cancelled = anyio.Event()

    async def forever(event: anyio.Event) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            event.set()

    async def at_once() -> None:
        await anyio.wait_all_tasks_blocked()

    with pytest.warns(
        StarletteDeprecationWarning, match=r"^run_until_first_complete is deprec"
    ) as w:
        with anyio.fail_after(5):
            await run_until_first_complete((forever, {"event": cancelled}), (at_once, {}))
    assert cancelled.is_set()
    assert w[0].filename == __file__
