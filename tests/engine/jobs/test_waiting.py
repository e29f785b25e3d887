import asyncio
import threading

from engine.jobs.waiting import Waiting


async def test_what_is_over_already_is_not_waited_for() -> None:
    await Waiting().until_over("a", 3_600, lambda job_id: True)


async def test_a_word_from_another_thread_ends_the_wait() -> None:
    waiting, looked = Waiting(), threading.Event()

    def look(job_id: str) -> bool:
        looked.set()
        return False

    waits = [asyncio.create_task(waiting.until_over("a", 3_600, look)) for _ in range(3)]
    await asyncio.to_thread(looked.wait)
    other = asyncio.create_task(waiting.until_over("b", 3_600, look))
    await asyncio.to_thread(waiting.tell, "a")
    await asyncio.gather(*waits)
    assert not other.done()
    waiting.wake("b")
    waiting.wake("nobody waits for this one")
    await other


async def test_nobody_waits_for_ever() -> None:
    await Waiting().until_over("a", 0.01, lambda job_id: False)
