"""The threads that speak to the store."""

import asyncio
import threading
import time

import pytest

from server.threads import Threads


def test_results_and_errors_come_back() -> None:
    async def main() -> None:
        threads = Threads(2)
        assert await threads.run(divmod, 7, 2) == (3, 1)
        assert await threads.run(sorted, [2, 1], reverse=True) == [2, 1]
        with pytest.raises(ZeroDivisionError):
            await threads.run(divmod, 7, 0)
        threads.close()

    asyncio.run(main())


def test_work_goes_on_side_by_side_but_never_on_more_threads_than_allowed() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return threading.current_thread().name

    async def main() -> set[str]:
        threads = Threads(3)
        names = await asyncio.gather(*(threads.run(work) for _ in range(12)))
        threads.close()
        return set(names)

    assert len(asyncio.run(main())) == 3
    assert most == 3


def test_the_loop_goes_on_while_a_thread_works() -> None:
    async def main() -> int:
        threads = Threads(1)
        slow = asyncio.ensure_future(threads.run(time.sleep, 0.1))
        ticks = 0
        while not slow.done():
            await asyncio.sleep(0.005)
            ticks += 1
        threads.close()
        return ticks

    assert asyncio.run(main()) >= 5


def test_a_cancelled_caller_harms_nobody() -> None:
    async def main() -> int:
        threads = Threads(1)
        task = asyncio.ensure_future(threads.run(time.sleep, 0.05))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        found = await threads.run(len, "abc")
        threads.close()
        return found

    assert asyncio.run(main()) == 3


def test_a_loop_that_ended_is_no_trouble() -> None:
    threads = Threads(1)

    async def leave() -> None:
        task = asyncio.ensure_future(threads.run(time.sleep, 0.1))
        await asyncio.sleep(0.02)
        task.cancel()

    asyncio.run(leave())
    time.sleep(0.15)

    async def again() -> int:
        return await threads.run(len, "ab")

    assert asyncio.run(again()) == 2
    threads.close()
