"""`podium.workers.watch`: it is woken when it is needed, and not for each piece of quick work."""

from __future__ import annotations

import threading

from podium.workers.watch import Alertness, Watch


def test_it_is_rung_once_for_much_quick_work() -> None:
    """Whoever rings it makes it alert at once: what comes next need not ring, also where it finds nothing to do."""
    looked = threading.Semaphore(0)

    def look() -> Alertness:
        looked.release()
        return Alertness.ASLEEP

    watch = Watch(look)
    try:
        watch.ensure(Alertness.CALM)
        assert watch.alertness is Alertness.CALM
        looked.acquire(timeout=10)
        assert watch.alertness is Alertness.CALM
    finally:
        watch.close()
        watch.join(10)


def test_it_falls_asleep_when_it_finds_nothing() -> None:
    """After some looks that find nothing it looks no more, until it is rung again."""
    looks: list[int] = []
    asleep = threading.Event()

    def look() -> Alertness:
        looks.append(1)
        if watch.alertness is Alertness.ASLEEP:
            asleep.set()
        return Alertness.ASLEEP

    watch = Watch(look)
    try:
        watch.ensure(Alertness.CALM)
        assert asleep.wait(10)
        assert len(looks) < 20
    finally:
        watch.close()
        watch.join(10)


def test_it_is_rung_once_until_it_looks() -> None:
    """While it is busy, or waits for the interpreter, more work of many threads need not tell it again."""
    may_end, is_looking = threading.Event(), threading.Event()

    class Counted(Watch):
        rings = 0

        def _ring(self) -> None:
            self.rings += 1
            super()._ring()

    def look() -> Alertness:
        is_looking.set()
        may_end.wait(10)
        return Alertness.ASLEEP

    watch = Counted(look)
    try:
        watch.ensure(Alertness.CALM)
        assert is_looking.wait(10)
        for _ in range(10):
            watch.ensure(Alertness.KEEN)
        assert watch.rings == 2
    finally:
        may_end.set()
        watch.close()
        watch.join(10)
