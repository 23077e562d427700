# ruff: noqa: INP001  # a script, not a part of the package
"""
The screenshots of the documentation: ``python docs/web/make.py [NAME …]``.

A fresh server, a story on it, and Chromium without a window. To add one: a row of `SHOTS`, and what it needs in `told`.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page, sync_playwright

import podium
from podium import EventHandler, Schedule, task, workflow
from podium.client.embedded import EmbeddedClient
from podium.client.sealing import KEY_VARIABLE, new_key
from podium.model.definitions import SchemaDef, WorkflowDef, WorkflowTask
from podium.model.statuses import SchemaType
from podium.testing.serving import running_server

HERE = Path(__file__).parent

ORDER: Any = {
    "type": "object",
    "required": ["order", "lines"],
    "properties": {
        "order": {"title": "Order", "type": "string", "description": "Its number.", "maxLength": 20},
        "speed": {"title": "Speed", "enum": ["NORMAL", "EXPRESS"], "default": "NORMAL"},
        "gift": {"title": "As a gift", "type": "boolean", "default": False},
        "deliver_by": {"title": "Deliver by", "type": "string", "format": "date"},
        "lines": {
            "title": "Lines",
            "type": "array",
            "minItems": 1,
            "items": {
                "title": "Line",
                "type": "object",
                "required": ["sku"],
                "properties": {
                    "sku": {"title": "Article", "type": "string"},
                    "count": {"title": "Count", "type": "integer", "minimum": 1, "maximum": 99, "default": 1},
                },
            },
        },
        "pay": {
            "title": "Payment",
            "oneOf": [
                {"title": "Card", "type": "object", "required": ["card"], "properties": {"card": {"type": "string"}}},
                {"title": "Invoice", "type": "object", "properties": {"vat_id": {"type": "string"}}},
            ],
        },
    },
}


@task(retries=0)
def reserve(order: str) -> bool:
    """Take it from the shelf."""
    if order.endswith("13"):
        raise ValueError(f"nothing of {order} is on the shelf")
    return True


@task
def charge(order: str) -> float:
    """Take the money."""
    return 40.0 + len(order)


@task
def ship(order: str, how: str) -> str:
    """Send it."""
    return f"{order} by {how}"


@workflow
def refund(order: str) -> Any:
    """Give the money back."""
    return charge(order).output


@workflow(version=1)
def shop(order: str) -> Any:
    """Reserve, charge, ask, ship."""
    reserve(order)
    charge(order)
    asked = podium.human("approve", question="Ship it?", order=order)
    return ship(order, asked.output.carrier).output


@workflow(version=2, name="shop", failure_workflow="refund")
def shop_today(order: str, speed: str = "NORMAL") -> Any:
    """Reserve, charge, ask where it is express, ship."""
    reserve(order)
    charged = charge(order)
    with podium.switch("express", speed) as way:
        with way.case("EXPRESS"):
            asked = podium.human("approve", question="Ship it today?", order=order, total=charged.output)
            ship.as_("today")(order, asked.output.carrier)
        with way.otherwise():
            ship(order, "post")
    return charged.output


def told(client: EmbeddedClient) -> None:
    """Tell the story."""
    order = SchemaDef(name="order", type=SchemaType.JSON, data=ORDER)
    client.register(refund, shop, shop_today)
    inputs = {"order": "${workflow.input.order}", "key": "${workflow.secrets.stripe}", "at": "${workflow.env.region}"}
    pay = WorkflowTask(name="charge", task_reference_name="pay", input_parameters=inputs)
    client.register(WorkflowDef(name="checkout", description="Take an order in.", tasks=(pay,), input_schema=order))
    client.secrets.put("stripe", "sk_live_0123456789")
    client.environment.put("region", "eu-1")
    client.schedules.add(
        Schedule("0 6 * * MON-FRI", name="reminders", workflow="refund", zone="Europe/Berlin", input={"order": "all"}),
        Schedule(["0 0 1 * *", "0 12 15 * *"], name="billing", workflow="refund", input={"order": "all"}),
        Schedule("30 22 * * SUN", name="clean-up", workflow="refund", input={"order": "old"}, paused=True),
    )
    start = {"action": "start_workflow", "start_workflow": {"name": "shop", "input": {"order": "${order.id}"}}}
    client.event_handlers.add(EventHandler(name="ship what is paid", event="kafka:payments", actions=[start]))
    with client.workers([reserve, charge, ship]):
        for number in range(11, 16):
            client.start("shop", {"order": f"o-{number}", "speed": "EXPRESS" if number % 2 == 0 else "NORMAL"})
        client.run("refund", {"order": "o-9"}, timeout=30)
        while len(client.pending_humans()) < 2:  # two orders are express
            client.search(limit=1)


class Shot(NamedTuple):
    """A screenshot: its file's name, the page, its theme, and what is done before."""

    name: str
    path: str
    theme: str = "light"
    before: Callable[[Page], object] | None = None
    width: int = 1200
    height: int = 780


def _fill_order(page: Page) -> None:
    page.get_by_label("Order").fill("o-17")
    page.get_by_label("Article").fill("A-1")
    page.get_by_label("Count").fill("120")
    page.locator("[name='choice:input/pay']").select_option("Card")
    page.get_by_label("card").wait_for()
    page.get_by_role("button", name="Start a run").click()


def _open_task(page: Page) -> None:
    page.locator("tbody th a").first.click()
    page.get_by_label("carrier").fill("DHL")


def _compare(page: Page) -> None:
    page.get_by_role("link", name="Compare").click()
    page.locator("tbody a").first.click()
    page.locator("#diff svg").wait_for()


def _imagine(page: Page) -> None:
    page.get_by_role("link", name="What if?").click()
    page.get_by_label("Step").select_option("charge")
    page.get_by_label("How").select_option("failed")
    page.get_by_label("Reason, or value").fill("the card is refused")
    page.get_by_role("button", name="Simulate").click()
    page.locator("#would svg").wait_for()


def _counted(page: Page) -> None:
    page.locator("#heat svg").wait_for()


def _newest(status: str, then: Callable[[Page], object]) -> Callable[[Page], object]:
    """Return what opens the newest run of a status, and does something there."""

    def before(page: Page) -> None:
        page.goto(f"{page.url}?status={status}&query=workflowType%3D'shop'")
        page.locator("tbody a.id").first.click()
        then(page)

    return before


def _failed(page: Page) -> None:
    page.locator("tbody a.id").first.click()
    page.locator(".graph-stage svg").wait_for()


def _rerun(page: Page) -> None:
    _failed(page)
    page.get_by_role("button", name="Rerun from…").click()
    page.get_by_role("dialog").wait_for()


def _search(page: Page) -> None:
    page.get_by_role("combobox", name="Runs that …").press_sequentially("workflowType = shop AND stat")
    page.get_by_role("option").first.wait_for()


SHOTS = (
    Shot("overview", "/", before=lambda page: page.locator("#flow table").first.wait_for(), height=960),
    Shot("overview-dark", "/", "dark", before=lambda page: page.locator("#flow table").first.wait_for(), height=960),
    Shot("runs", "/runs", before=_search, height=620),
    Shot("run", "/runs?status=FAILED", before=_failed, height=1000),
    Shot("run-dark", "/runs?status=FAILED", "dark", before=_failed, height=1000),
    Shot("rerun", "/runs?status=FAILED", before=_rerun, height=900),
    Shot("compare", "/runs", before=_newest("FAILED", _compare), height=1000),
    Shot("what-if", "/runs", before=_newest("COMPLETED", _imagine), height=1000),
    Shot("heat-dark", "/definitions/shop/heat", "dark", before=_counted, height=1000),
    Shot("definitions", "/definitions"),
    Shot("definition", "/definitions/shop", before=lambda page: page.locator("#n_approve").click()),
    Shot("versions", "/definitions/shop?tab=versions", "dark"),
    Shot("start", "/definitions/checkout/start", before=_fill_order, height=1100),
    Shot("start-dark", "/definitions/checkout/start", "dark", before=_fill_order, height=1100),
    Shot("editor", "/editor?workflow=shop"),
    Shot("human-task", "/tasks", before=_open_task),
    Shot("schedules", "/schedules", height=820),
    Shot("schedules-dark", "/schedules", "dark", height=820),
    Shot("workers", "/workers"),
    Shot("secrets", "/settings/secrets", height=480),
)


@contextmanager
def story() -> Iterator[str]:
    """Start a server with the story; gives its address."""
    os.environ[KEY_VARIABLE] = new_key()
    with running_server() as server:
        assert server.client is not None
        told(server.client)
        yield server.url


def main(names: list[str]) -> None:
    """Take the screenshots of these names, or all."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with story() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            view = {"width": shot.width, "height": shot.height}
            with browser.new_context(viewport=view, color_scheme=shot.theme, timezone_id="UTC") as context:  # type: ignore[arg-type]  # a text
                page = context.new_page()
                page.goto(url + shot.path)
                if shot.before is not None:
                    shot.before(page)
                page.wait_for_timeout(700)  # streams are open, so the network is never idle
                page.screenshot(path=HERE / f"{shot.name}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
