"""
The pages in Chromium: ``python -m benchmarks.browser [--runs 100000] [--tasks 10000] [--repeat 3]``.

A server process on a SQLite file with so many runs, and with runs of so many tasks: a wide one and a long one. For each
page: when something is seen first (first contentful paint), when all of it is there, and the longest frame, in which
the page answers nothing: both as the browser itself tells them (PerformanceObserver: paint, longtask,
long-animation-frame). Of several visits the best counts: what other programs of the machine take is not the page's.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

import podium
from podium import fan_out, loop, task, workflow
from podium.testing.crowds import fill
from podium.testing.serving import server_process

#: What must hold, in milliseconds.
PAINT_MAX, FRAME_MAX = 1_000, 200
#: Milliseconds that a page may take until all is there.
_PATIENCE = 120_000

#: Put into each page before anything of it runs.
_WATCH = """
window.seen = { paint: 0, frame: 0 };
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (each.name === "first-contentful-paint") seen.paint = each.startTime;
}).observe({ type: "paint", buffered: true });
for (const type of ["longtask", "long-animation-frame"]) {
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) seen.frame = Math.max(seen.frame, each.duration);
  }).observe({ type, buffered: true });
}
"""


@task
def part(n: int) -> int:
    """Stand for work."""
    return n


@workflow
def wide(items: list[dict[str, int]]) -> None:
    """Do many things at once."""
    fan_out("parts", part, items)


@workflow
def long(turns: int) -> None:
    """Do one thing after the other."""
    with loop("again", max_iterations=10_000) as again:
        part(again.iteration)
        part(again.iteration).as_("then")
        again.until(again.iteration >= turns)


class Seen(NamedTuple):
    """What a visit came to, in milliseconds."""

    paint: float
    whole: float
    frame: float


class Visit(NamedTuple):
    """A page, and what is done there."""

    name: str
    path: str
    #: What is there when all of it is.
    whole: str
    #: Keys and clicks after that: what somebody would do.
    acts: tuple[str, ...] = ()


def visits(runs: int, wide_id: str, long_id: str) -> Iterator[Visit]:
    """Yield the pages that are visited."""
    yield Visit("list of runs", "/runs", "tbody tr")
    yield Visit("list of runs, searched by status", "/runs?status=FAILED", "main h1")
    yield Visit("list of runs, in its middle", f"/runs?start={runs // 2}", "tbody tr")
    for name, run_id in (("wide", wide_id), ("long", long_id)):
        here = f"/runs/{run_id}"
        yield Visit(f"{name} run: graph", here, "#view svg", ("+", "+", "ArrowDown", "ArrowRight", "-", "0"))
        yield Visit(f"{name} run: timeline", f"{here}?view=timeline", "#view svg")
        yield Visit(f"{name} run: tasks", f"{here}?view=tasks", "#view tbody tr")
        yield Visit(f"{name} run: playback", f"{here}?view=playback", "#view svg", ("back", "back", "next"))
        yield Visit(f"{name} run: data", f"{here}?view=data", "#view .json")
    yield Visit("overview", "/", "main h1")
    yield Visit("heat of many runs", "/definitions/ending/heat?span=all", "#heat svg")
    yield Visit("two large runs compared", f"/runs/{wide_id}/diff/{wide_id}", "#diff svg")


def seen_of(page: Page, base: str, visit: Visit) -> Seen:
    """Visit a page once, and act on it."""
    began = perf_counter()
    page.goto(f"{base}{visit.path}", wait_until="load", timeout=_PATIENCE)
    page.wait_for_selector(visit.whole, timeout=_PATIENCE)
    whole = (perf_counter() - began) * 1000
    page.wait_for_timeout(300)
    for act in visit.acts:
        if act in {"back", "next"}:
            page.click(f'[data-do="{act}"]')
        else:
            page.focus(".graph-stage")
            page.keyboard.press(act)
    page.wait_for_timeout(300)
    found = page.evaluate("window.seen")
    return Seen(found["paint"], whole, found["frame"])


def fill_store(url: str, runs: int, tasks: int) -> tuple[str, str]:
    """Put the runs into a store; give the ids of the wide one and of the long one."""
    fill(url, runs)
    with podium.connect(url) as client, client.workers([part]):
        items = [{"n": number} for number in range(tasks)]
        return (
            client.run(wide, {"items": items}, timeout=600).workflow_id,
            client.run(long, {"turns": tasks // 2}, timeout=600).workflow_id,
        )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3, help="visits of each page, of which the best counts")
    parser.add_argument("--store", help="a file that was filled before, with --keep")
    parser.add_argument("--keep", help="fill this file, and keep it")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise SystemExit("there is no Chromium on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(options.store or options.keep or f"{folder}/runs.db").absolute()
        url = f"sqlite:///{path}"
        if options.store:
            with podium.connect(url) as client:
                ids = tuple(client.search(name=name, limit=1)[0].workflow_id for name in ("wide", "long"))
        else:
            ids = fill_store(url, options.runs, options.tasks)
        with server_process(url) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            print(f"{options.runs:,} runs; runs of {options.tasks:,} tasks; load {os.getloadavg()[0]:.1f}")
            print("| page | first paint, ms | all there, ms | longest frame, ms | holds |")
            print("|---|---:|---:|---:|---|")
            for visit in visits(options.runs, *ids):
                found = []
                for _ in range(options.repeat):
                    page = browser.new_page(viewport={"width": 1280, "height": 860})
                    page.add_init_script(_WATCH)
                    found.append(seen_of(page, server.url, visit))
                    page.close()
                best = Seen(*(min(values) for values in zip(*found, strict=True)))
                holds = "yes" if best.paint <= PAINT_MAX and best.frame <= FRAME_MAX else "NO"
                print(
                    f"| {visit.name} | {best.paint:.0f} | {best.whole:.0f} | {best.frame:.0f} | {holds} |", flush=True
                )
            browser.close()


if __name__ == "__main__":
    main()
