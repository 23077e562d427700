"""The first page: what fails and why, what waits and for what, queues, limits, timers and speed."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect
from web_story import Story, price, quick

from podium import human, task, workflow
from podium.client.embedded import EmbeddedClient, open_embedded
from podium.server.insight.failing import failures
from podium.server.insight.reasons import common_reason
from podium.server.insight.waiting import waits
from podium.server.searches import Finder


@task(retries=0)
def ship(order: int) -> None:
    """Fail for every order in the same way, with another number; for order 0 in another one."""
    if not order:
        raise ValueError("there is no\norder 'nought'")
    raise ValueError(f"order {order} has no address")


@workflow(name="shipping")
def shipping(order: int) -> None:
    """Ship."""
    ship(order)


@workflow(name="asking")
def asking() -> None:
    """Wait for somebody."""
    human("decide")


@workflow(name="parting")
def parting() -> None:
    """Wait for somebody, then fail."""
    human("decide")
    ship(7)


@pytest.fixture
def finder() -> Iterator[tuple[EmbeddedClient, Finder]]:
    """A client of a store of its own, and what searches it."""
    with open_embedded("memory://") as client:
        yield client, Finder(client.engine.backend, client.engine.reader)


def test_what_fails_for_one_reason_is_one_row(story: Story, page: Page) -> None:
    """Reasons that differ in numbers only are one; the row leads to just these runs."""
    with story.client.workers([ship]):
        story.client.run(shipping, {"order": 0}, timeout=30)
        for number in range(3):
            story.client.run(shipping, {"order": 1700 + number}, timeout=30)
    page.goto(story.url("/"))
    row = page.get_by_role("row").filter(has_text="shipping").filter(has_text="has no address")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("ValueError: order 1702 has no address")
    row.get_by_role("link", name="3", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(3)
    page.go_back()
    other = page.get_by_role("row").filter(has_text="order 'nought'")
    other.get_by_role("link", name="1", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_from_the_first_page_to_the_cause_in_two_clicks(story: Story, page: Page) -> None:
    """The failing task of a group is a link to the attempt, its input and its reason."""
    page.goto(story.url("/"))
    row = page.get_by_role("row").filter(has_text="an amount is not negative")
    row.get_by_role("link", name="price").click()
    expect(page.locator("main")).to_contain_text("ValueError: an amount is not negative: -1.0")


def test_what_waits_says_for_whom_and_what_nobody_serves_stands_first(story: Story, page: Page) -> None:
    """A task without any worker is what most needs somebody; what waits for a decision leads to it."""
    story.client.start(quick)
    page.goto(story.url("/"))
    waits_rows = page.locator("#waits tbody tr")
    expect(waits_rows.first).to_contain_text("nobody here serves the task 'price'")
    waits_rows.filter(has_text="'approve' waits for somebody").get_by_role("link").click()
    expect(page.get_by_role("button", name="Complete", exact=True)).to_be_visible()


def test_the_page_counts_anew_by_itself(story: Story, page: Page) -> None:
    """What is committed is seen on the page that stands open."""
    page.goto(story.url("/"))
    expect(page.locator("[data-is-live]")).to_be_attached()
    tile = page.locator(".tiles li").filter(has_text="completed").locator(".tile-count")
    before = tile.inner_text()
    with story.client.workers([price]):
        story.client.run(quick, {"amount": 1.0}, timeout=30)
    expect(tile).not_to_have_text(before)


def test_throughput_and_latency_stand_by_workflow_and_task(story: Story, page: Page) -> None:
    """Each workflow has its runs over time as bars, each task its waits and times."""
    page.goto(story.url("/"))
    row = page.get_by_role("region", name="Workflows").get_by_role("row").filter(has_text="quick")
    expect(row.locator("svg.spark rect").first).to_be_attached()
    tasks = page.get_by_role("region", name="Tasks").get_by_role("row").filter(has_text="price")
    expect(tasks).to_contain_text("ms")


def test_a_span_that_there_is_not_is_refused(story: Story) -> None:
    """The spans of time are a few; another one is told which there are."""
    assert httpx.get(story.url("/?span=1h")).status_code == 200
    answer = httpx.get(story.url("/?span=2h"))
    assert answer.status_code == 400
    assert "span is one of 1h, 24h, 7d, 30d" in answer.text


@pytest.mark.parametrize(
    ("reason", "common"),
    [
        ("Task 'a' failed with status: FAILED and reason: 'no route to 10.0.0.7:443'", "no route to …"),
        ("order 17 failed after 2.5 s", "order … failed after … s"),
        ("0190f4be-aaaa-7bbb-8ccc-000000000000 is gone", "… is gone"),
        ("b529a951-8d45-3f6e-ba2a-22482db06a0b-0000000a is gone", "… is gone"),
        ("at 0x7f00de: no", "at …: no"),
        ("version v2 is bad", "version v… is bad"),
        (None, ""),
    ],
)
def test_reasons_are_one_where_only_numbers_and_ids_differ(reason: str | None, common: str) -> None:
    """Numbers, ids, digests and addresses do not tell reasons apart; words do."""
    assert common_reason(reason) == common


def test_failures_tell_workers_and_versions(finder: tuple[EmbeddedClient, Finder]) -> None:
    """A group says which workers had the attempts, and how many runs of each version there are."""
    client, searching = finder
    with client.workers([ship]):
        for number in (1, 2):
            client.run(shipping, {"order": number})
    found = failures(searching, 0)
    (group,) = found.groups
    assert (group.workflow, group.ref, group.number, found.total) == ("shipping", "ship", 2, 2)
    assert sum(group.workers.values()) == 2
    assert group.versions == {1: 2}


def test_what_began_before_the_time_and_failed_in_it_is_found(finder: tuple[EmbeddedClient, Finder]) -> None:
    """What fails goes by the end of runs: one that waited for days fails now; one that failed before does not."""
    client, searching = finder
    with client.workers([ship]):
        client.run(shipping, {"order": 1})
        waited = client.start(parting)
        client.engine.settle()
        since = later(client)
        client.complete_task(waited, "decide", {})
        client.wait(waited)
    found = failures(searching, since)
    assert [group.workflow for group in found.groups] == ["parting"]
    assert found.total == 1
    assert [group.workflow for group in failures(searching, later(client)).groups] == []


def later(client: EmbeddedClient) -> int:
    """Return a moment after all that has happened."""
    began = client.engine.clock.now()
    while client.engine.clock.now() == began:
        pass
    return client.engine.clock.now()


def test_waits_are_grouped_with_the_one_that_has_waited_longest(finder: tuple[EmbeddedClient, Finder]) -> None:
    """Runs that wait for the same are one group, which leads to the oldest."""
    client, searching = finder
    started = [client.start(asking) for _ in range(3)]
    client.engine.settle()
    found = waits(client.engine, searching)
    (group,) = found.groups
    assert (group.workflow, group.ref, group.cause, group.number) == ("asking", "decide", "HUMAN", 3)
    assert group.run_id in started
    assert group.text == "'decide' waits for somebody to complete it"
