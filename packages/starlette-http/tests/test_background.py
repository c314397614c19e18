"""Background tasks: what runs, in which order, and what an error does to the rest."""

import functools
import threading
from typing import Any

import anyio
import pytest

from starlette_http.background import BackgroundTask, BackgroundTasks


def failing(error: Exception) -> None:
    raise error


async def test_async_function_is_awaited() -> None:
    calls: list[Any] = []

    async def record(*args: Any, **kwargs: Any) -> None:
        calls.append((args, kwargs))

    await BackgroundTask(record, 1, key="value")()
    assert calls == [((1,), {"key": "value"})]


async def test_plain_function_runs_in_a_worker_thread() -> None:
    threads: list[threading.Thread] = []
    await BackgroundTask(lambda: threads.append(threading.current_thread()))()
    assert threads != [threading.current_thread()]


async def test_task_keeps_what_it_was_made_of() -> None:
    task = BackgroundTask(print, "a", end="")
    assert (task.func, task.args, task.kwargs, task.is_async) == (print, ("a",), {"end": ""}, False)


def test_partial_of_an_async_function_is_async() -> None:
    assert BackgroundTask(functools.partial(anyio.sleep, 0)).is_async


async def test_error_of_a_task_passes_through() -> None:
    with pytest.raises(ValueError, match="broken"):
        await BackgroundTask(failing, ValueError("broken"))()


async def test_tasks_run_in_the_order_in_which_they_were_added() -> None:
    calls: list[str] = []

    async def record(name: str) -> None:
        calls.append(name)

    tasks = BackgroundTasks([BackgroundTask(record, "first")])
    tasks.add_task(calls.append, "second")
    tasks.add_task(record, name="third")
    await tasks()
    assert calls == ["first", "second", "third"]


def test_tasks_are_a_copy_of_the_list_given() -> None:
    given: list[BackgroundTask] = []
    BackgroundTasks(given).add_task(print)
    assert given == []


async def test_first_error_stops_the_rest() -> None:
    calls: list[str] = []
    tasks = BackgroundTasks()
    tasks.add_task(failing, ValueError("first"))
    tasks.add_task(calls.append, "second")
    with pytest.raises(ValueError, match="first"):
        await tasks()
    assert calls == []


async def test_run_all_runs_every_task_and_raises_what_failed_as_a_group() -> None:
    calls: list[str] = []
    tasks = BackgroundTasks(run_all=True)
    tasks.add_task(failing, ValueError("first"))
    tasks.add_task(calls.append, "second")
    tasks.add_task(failing, KeyError("third"))
    with pytest.raises(ExceptionGroup, match="2 of 3 background tasks failed") as caught:
        await tasks()
    assert [repr(error) for error in caught.value.exceptions] == [
        "ValueError('first')",
        "KeyError('third')",
    ]
    assert calls == ["second"]


async def test_run_all_without_an_error_raises_nothing() -> None:
    calls: list[str] = []
    tasks = BackgroundTasks([BackgroundTask(calls.append, "only")], run_all=True)
    await tasks()
    assert calls == ["only"]


async def test_cancellation_stops_the_rest_also_with_run_all() -> None:
    calls: list[str] = []
    tasks = BackgroundTasks(run_all=True)
    tasks.add_task(anyio.sleep_forever)
    tasks.add_task(calls.append, "never")
    with anyio.move_on_after(0.01) as scope:
        await tasks()
    assert scope.cancelled_caught
    assert calls == []
