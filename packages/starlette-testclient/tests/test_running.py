"""Runs that are watched from outside."""

import anyio
import anyio.lowlevel

from starlette_testclient.running import Run


async def test_a_run_ends_when_its_work_does() -> None:
    run = Run()
    ends: list[bool] = []
    await run.of(anyio.lowlevel.checkpoint, lambda: ends.append(run.ended))
    assert (run.ended, run.cancelled, run.error) == (True, False, None)
    assert ends == [True]


async def test_what_the_work_raises_is_kept() -> None:
    run = Run()
    error = SystemExit(3)

    async def work() -> None:
        raise error

    await run.of(work, bool)
    assert (run.ended, run.cancelled, run.error) == (True, False, error)


async def test_a_run_that_is_cancelled_before_it_begins_ends_at_once() -> None:
    run = Run()
    run.cancel()
    with anyio.fail_after(10):
        await run.of(anyio.sleep_forever, bool)
    assert (run.ended, run.cancelled) == (True, True)


async def test_cancel_ends_a_run() -> None:
    run = Run()
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run.of, anyio.sleep_forever, bool)
            await anyio.lowlevel.checkpoint()
            run.cancel()
    assert (run.ended, run.cancelled) == (True, True)


async def test_a_cancellation_from_outside_passes_through() -> None:
    run = Run()
    with anyio.move_on_after(0.01) as scope:
        await run.of(anyio.sleep_forever, bool)
    assert scope.cancelled_caught
    assert (run.ended, run.cancelled) == (True, True)
