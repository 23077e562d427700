"""The pages of definitions: found, looked at, compared, edited, and started by a form."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect
from posting import posted
from web_story import HOSTILE, Story

from podium.model.definitions import SchemaDef, WorkflowDef, WorkflowTask
from podium.model.statuses import SchemaType
from podium.server.web.run_search import RunSearch

SCHEMA: Any = {
    "type": "object",
    "required": ["sku", "lines"],
    "properties": {
        "sku": {"type": "string", "description": "What is ordered."},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "default": 2},
        "speed": {"enum": ["NORMAL", "EXPRESS"]},
        "gift": {"type": "boolean", "default": False},
        "address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "lines": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "pay": {
            "oneOf": [
                {"title": "Card", "type": "object", "properties": {"card": {"type": "string"}}, "required": ["card"]},
                {"title": "Bank", "type": "object", "properties": {"iban": {"type": "string"}}, "required": ["iban"]},
            ]
        },
    },
}


def _definition(name: str, version: int = 1, **more: Any) -> WorkflowDef:
    tasks = (WorkflowTask(name="price", task_reference_name="work", input_parameters={"amount": 1}),)
    return WorkflowDef(name=name, version=version, tasks=tasks, **more)


@pytest.fixture(scope="module", autouse=True)
def registered(story: Story) -> None:
    """A workflow with a schema, one in two versions, one with a fault, one with a dangerous name."""
    schema = SchemaDef(name="sale", type=SchemaType.JSON, data=SCHEMA)
    second = WorkflowTask(name="wrap", task_reference_name="wrap", input_parameters={"what": HOSTILE})
    fault = WorkflowTask(name="price", task_reference_name="work", input_parameters={"amount": "${nobody.output.x}"})
    newer = _definition("twice", 2)
    story.client.register(
        _definition("sale", input_schema=schema),
        _definition("twice"),
        WorkflowDef(name="twice", version=2, tasks=(*newer.tasks, second)),
        WorkflowDef(name="faulty", tasks=(fault,)),
        _definition(HOSTILE, description=HOSTILE),
    )


def test_a_run_is_started_by_a_form(story: Story, page: Tab) -> None:
    """Fields of the schema, a part that is added, a list that grows, one of several: what was typed is the input."""
    page.goto(story.url("/definitions?q=sale"))
    page.get_by_role("link", name="Start sale").click()
    page.get_by_label("sku").fill("A-1")
    page.get_by_label("speed").select_option("EXPRESS")
    page.get_by_label("gift").check()
    page.get_by_role("button", name="Add address").click()
    page.get_by_label("city").fill("Ulm")
    page.get_by_role("button", name="Add to lines").click()
    page.locator("[name='input/lines/1']").fill("two")
    page.locator("[name='input/lines/0']").fill("one")
    page.locator("[name='choice:input/pay']").select_option("Bank")
    page.get_by_label("iban").fill("DE1")
    preview = page.locator("#preview")
    expect(preview).to_contain_text('"iban": "DE1"')
    expect(preview).to_contain_text("It fits the schema")
    page.get_by_text("Correlation id, priority").click()
    page.get_by_label("Correlation id").fill("c-77")
    page.get_by_role("button", name="Start a run").click()
    page.wait_for_url(re.compile("/runs/"))
    [run] = story.client.search(correlation_id="c-77")
    expected = {"sku": "A-1", "count": 2, "speed": "EXPRESS", "gift": True, "address": {"city": "Ulm"}}
    assert story.client.get(run.workflow_id).input == {**expected, "lines": ["one", "two"], "pay": {"iban": "DE1"}}


def test_what_is_wrong_is_said_at_its_field(story: Story, page: Tab) -> None:
    """Nothing starts; the faults stand at the fields, also for who hears the page, and what was typed stays."""
    page.goto(story.url("/definitions/sale/start"))
    page.get_by_label("count").fill("12")
    page.get_by_role("button", name="Start a run").click()
    count = page.get_by_label("count")
    expect(count).to_have_value("12")
    expect(count).to_have_attribute("aria-invalid", "true")
    told = page.locator(f"#{count.get_attribute('aria-describedby')}")
    expect(told).to_contain_text("12 is greater than the maximum of 9")
    expect(page.locator(".field", has=page.get_by_label("sku"))).to_contain_text("is missing")
    assert not story.client.search(name="sale", input={"count": 12})


def test_the_input_of_an_earlier_run_can_be_taken(story: Story, page: Tab) -> None:
    """A form shows the input of a run, also as JSON, and what is typed there comes back into fields."""
    run_id = story.client.start("sale", {"sku": "B", "lines": ["x"], "unknown": {"kept": 1}})
    page.goto(story.url(f"/definitions/sale/start?run={run_id}"))
    expect(page.get_by_label("sku")).to_have_value("B")
    page.get_by_role("button", name="Edit as JSON").click()
    box = page.get_by_label("JSON", exact=True)
    assert json.loads(box.input_value())["unknown"] == {"kept": 1}
    box.fill('{"sku": "C", "lines": []}')
    page.get_by_role("button", name="Edit as fields").click()
    expect(page.get_by_label("sku")).to_have_value("C")


def test_a_form_says_why_it_cannot_become_json_or_fields(story: Story, page: Tab) -> None:
    """What cannot be read stays where it was typed, with what is wrong with it."""
    page.goto(story.url("/definitions/sale/start"))
    page.get_by_role("button", name="Edit as JSON").click()
    box = page.get_by_label("JSON", exact=True)
    box.fill('{"sku": ')
    page.get_by_role("button", name="Edit as fields").click()
    expect(page.get_by_role("alert")).to_contain_text("this is not JSON")
    expect(box).to_have_value('{"sku": ')


def test_two_clicks_start_one_run(story: Story, page: Tab) -> None:
    """The second click of a double click does nothing; the next page acts as ever."""
    for _ in range(2):
        page.goto(story.url("/definitions/twice/start"))
        page.get_by_role("button", name="Start a run").dblclick()
        page.wait_for_url(re.compile("/runs/"))
    assert len(story.client.search(name="twice")) == 2


def test_a_form_works_without_scripts(story: Story) -> None:
    """Buttons that add and remove draw the whole page again, and a plain POST starts a run."""
    form = {"input/sku": "A", "count:input/lines": "1", "input/lines/0": "x"}
    answer = posted(story, "/definitions/sale/start", {**form, "act": "add:input/lines"})
    assert answer.status_code == 200
    assert 'name="input/lines/1"' in answer.text
    wrong = posted(story, "/definitions/sale/start", {**form, "act": "start", "input/count": "x"})
    assert wrong.status_code == 400
    assert "a whole number is expected" in wrong.text
    options = {"options/priority": "7", "options/correlation_id": "plain"}
    options |= {"key:options/task_to_domain/~20": "price", "options/task_to_domain/~20": "blue"}
    answer = posted(story, "/definitions/sale/start", {**form, **options, "act": "start"})
    assert answer.status_code == 303
    run = story.client.get(answer.headers["location"].rpartition("/")[2])
    assert (run.priority, run.correlation_id, run.input) == (
        7,
        "plain",
        {"sku": "A", "lines": ["x"], "count": 2, "gift": False},
    )
    assert run.task_to_domain == {"price": "blue"}


def test_one_of_several_forms_may_be_the_whole_input(story: Story, page: Tab) -> None:
    """A schema that is a choice at its top is a choice, with the fields of what is chosen, and JSON beside."""
    arms = [
        {"title": "By name", "type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        {"title": "By id", "type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
    ]
    schema = SchemaDef(name="found", type=SchemaType.JSON, data={"oneOf": arms})
    story.client.register(_definition("found", input_schema=schema))
    page.goto(story.url("/definitions/found/start"))
    page.locator("[name='choice:input']").select_option("By id")
    page.locator("[name='input/id']").fill("7")
    page.get_by_role("button", name="Edit as JSON").click()
    expect(page.get_by_label("JSON", exact=True)).to_have_value('{\n  "id": 7\n}')
    page.get_by_role("button", name="Edit as fields").click()
    page.get_by_role("button", name="Start a run").click()
    page.wait_for_url(re.compile("/runs/"))
    assert story.client.search(name="found")[0].workflow_id in page.url
    assert story.client.get(page.url.rpartition("/")[2]).input == {"id": 7}


def test_a_used_key_is_told_on_the_form(story: Story) -> None:
    """A second start with a key is refused where it is asked for, and nothing typed is lost."""
    form = {"input/sku": "A", "input/lines/0": "x", "options/idempotency_key": "k-1", "act": "start"}
    assert posted(story, "/definitions/sale/start", form).status_code == 303
    answer = posted(story, "/definitions/sale/start", form)
    assert answer.status_code == 400
    assert 'value="k-1"' in answer.text


def test_a_definition_is_edited_with_its_check_beside_it(story: Story, page: Tab) -> None:
    """An error shows while it is typed, with its line; when it is mended a new version is saved and compared."""
    page.goto(story.url("/editor?workflow=twice&version=1"))
    box = page.get_by_label("JSON of the definition")
    text = box.input_value()
    look = page.locator("#look")
    box.fill(text.replace('"amount": 1', '"amount": "${wrok.output.result}"'))
    expect(look).to_contain_text("wrok")
    look.locator("li", has_text="wrok").get_by_role("link", name=re.compile("line")).first.click()
    assert "wrok" in box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    expect(page.locator(".gutter .is-wrong")).to_have_count(1)
    box.fill(text[:-2])
    expect(look).to_contain_text("this is not JSON")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be read as a definition")
    page.get_by_label("JSON of the definition").fill(text.replace('"amount": 1', '"amount": 5'))
    expect(page.locator("#look")).to_contain_text("no problems")
    expect(page.locator("#look svg")).to_be_visible()
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.locator("#said")).to_contain_text("twice version 3 is registered")
    page.get_by_role("link", name="Versions").click()
    page.locator("[name='old']").select_option("1")
    page.locator("[name='new']").select_option("2")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator(".picture svg")).to_contain_text("added")
    story.client.unregister_workflow("twice", 3)


def test_saving_refuses_what_cannot_be_and_what_is_there(story: Story) -> None:
    """Errors of the check, and a version that is there, need a tick; what a server may not register never is."""
    text = (
        '{"name": "saved", "tasks": [{"name": "a", "taskReferenceName": "a", "inputParameters": {"x": "${b.output}"}}]}'
    )
    assert posted(story, "/editor", {"text": text}).status_code == 400
    right = text.replace("${b.output}", "1")
    assert posted(story, "/editor", {"text": right}).status_code == 303
    assert posted(story, "/editor", {"text": right, "save": "same"}).status_code == 409
    assert posted(story, "/editor", {"text": right, "save": "same", "replace": "1"}).status_code == 303
    for bad in ("[]", "{}", '{"name": "x", "tasks": []}', '{"name": 1}', "1e999", '"' + "x" * 100_000):
        answer = posted(story, "/editor", {"text": bad, "anyway": "1"})
        assert answer.status_code == 400, bad[:20]
    assert [each.version for each in story.client.workflows() if each.name == "saved"] == [1]


def test_problems_lead_to_the_picture_and_to_the_line(story: Story, page: Tab) -> None:
    """A problem of the check names its task and its line, and both are links that lead there."""
    page.goto(story.url("/definitions/faulty?tab=check"))
    page.get_by_role("link", name=re.compile("line")).first.click()
    expect(page.locator("tr:target")).to_contain_text("nobody")
    page.go_back()
    page.locator(".places").get_by_role("link", name="work").first.click()
    expect(page.locator("g:target")).to_be_visible()


@pytest.mark.parametrize("tab", ["graph", "json", "python", "check", "versions", "uses"])
def test_each_part_of_a_definition_with_a_dangerous_name(story: Story, page: Tab, tab: str) -> None:
    """Whatever a name and the words of a definition hold, they are text and nothing else."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(f"{story.server.url}/definitions?q=alert")
    page.locator("tbody th a").click()
    page.goto(f"{page.url}?tab={tab}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("alert('x')")
    assert page.locator("main img").count() == 0


AWKWARD = ("a/b", "..", "a/start", "x/download", "a\nb", "%2F", "a?b#c", "~2F", "a\\b", " a ", "\u202eb", "x" * 3_000)


@pytest.mark.parametrize("name", AWKWARD, ids=ascii)
def test_whatever_a_name_holds_its_pages_are_found(story: Story, page: Tab, name: str) -> None:
    """A name with slashes, dots, line ends or what else means something in an address has its pages like any other."""
    task = WorkflowTask(name="price", task_reference_name=name[:100])
    story.client.register(WorkflowDef(name=name, tasks=(task,)))
    page.goto(f"{story.server.url}/definitions?q={quote(name)}")
    page.locator("tbody th a").first.click()
    page.locator("[id^='n_']").first.click()
    expect(page.locator(".panel h2")).to_be_visible()
    page.get_by_role("link", name="JSON", exact=True).click()
    expect(page.locator(".source")).to_contain_text("taskReferenceName")
    page.get_by_role("link", name="Start a run").click()
    page.get_by_role("button", name="Start a run").click()
    page.wait_for_url(re.compile("/runs/"))
    story.client.unregister_workflow(name, 1)


def test_files_and_empty_searches(story: Story) -> None:
    """A definition is to be had as JSON and as Python; a search that finds nothing says so."""
    found = httpx.get(story.url("/definitions/sale/download?version=1"))
    assert found.json()["inputSchema"]["data"] == SCHEMA
    assert "def sale" in httpx.get(story.url("/definitions/sale/download?as=python")).text
    assert "No workflow is like" in httpx.get(story.url("/definitions?q=zzzz")).text
    assert httpx.get(story.url("/definitions/none")).status_code == 404
    assert httpx.get(story.url("/definitions/sale?version=9")).status_code == 404
    assert httpx.get(story.url("/definitions/sale?tab=none")).status_code == 400
    assert httpx.get(story.url("/definitions/sale?version=x")).status_code == 400


def test_a_version_is_removed(story: Story, page: Tab) -> None:
    """A version leaves the registry by a button, and the page goes on with what is left."""
    story.client.register(_definition("old", 1), _definition("old", 2))
    page.goto(story.url("/definitions/old?tab=versions"))
    page.get_by_role("button", name="Remove version 2").click()
    expect(page.locator("#said")).to_contain_text("no longer registered")
    expect(page.get_by_role("heading", level=1)).to_contain_text("version 1")


def test_what_was_done_is_told_of_a_name_of_any_length(story: Story) -> None:
    """Browsers drop a cookie of more than 4,096 bytes, and the sentence with it."""
    name = "注文" * 600
    story.client.register(_definition(name, 1), _definition(name, 2))
    with httpx.Client(base_url=story.server.url) as browser:
        browser.get("/")
        form = {"csrf": browser.cookies["podium_csrf"], "version": "2"}
        answer = browser.post(f"/definitions/{name}/remove", data=form)
    (said,) = [each for each in answer.headers.get_list("set-cookie") if each.startswith("podium_said=")]
    assert len(said.split(";")[0]) < 4_096
    assert unquote(said).startswith("podium_said=+Version 2 of 注文")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_parts_and_in_trouble(story: Story, page: Tab, theme: str) -> None:
    """Each part of a definition, an editor with errors, and a form with faults can be used by whoever hears them."""
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # a text
    for tab in ("json", "python", "check", "versions", "uses"):
        page.goto(story.url(f"/definitions/{'twice' if tab == 'versions' else 'faulty'}?tab={tab}"))
        _is_accessible(page)
    page.goto(story.url("/definitions?q=nothing-like-it"))
    _is_accessible(page)
    page.goto(story.url("/editor?workflow=faulty"))
    expect(page.locator("#look .is-error").first).to_be_visible()
    _is_accessible(page)
    page.goto(story.url("/definitions/sale/start"))
    page.get_by_role("button", name="Add address").click()
    page.get_by_label("city").wait_for()
    page.locator("[name='choice:input/pay']").select_option("Card")
    page.get_by_label("card").wait_for()
    page.get_by_role("button", name="Start a run").click()
    expect(page.get_by_role("alert")).to_contain_text("not right")
    page.get_by_text("Correlation id, priority").click()
    page.get_by_role("button", name="Add Domains").click()
    page.get_by_label("name").wait_for()
    _is_accessible(page)
    page.set_viewport_size({"width": 375, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def _is_accessible(page: Tab) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_links_to_runs_ask_what_lists_of_runs_understand(story: Story) -> None:
    """No page sends anybody to a list with a parameter that the list passes over, or a field that there is not."""
    known = {*RunSearch().parameters, "start"}
    failed = story.runs["failed"]
    for path in ("/", "/definitions/quick", "/definitions/quick/heat/found", f"/runs/{failed}/tasks/price"):
        links = [unescape(each) for each in re.findall(r'href="(/runs\?[^"]*)"', httpx.get(story.url(path)).text)]
        assert links, path
        for link in links:
            assert set(parse_qs(urlsplit(link).query)) <= known, link
            assert "There is no field" not in httpx.get(story.url(link)).text, link


def test_all_runs_of_a_definition_are_its_own(story: Story) -> None:
    """The link leads to the runs of this workflow, and of no other."""
    page = httpx.get(story.url("/definitions/quick")).text
    [link] = re.findall(r'href="([^"]*)">All its runs', page)
    listed = httpx.get(story.url(unescape(link))).text
    assert story.runs["done"] in listed
    assert story.runs["waiting"] not in listed
