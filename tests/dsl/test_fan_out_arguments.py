"""A fan-out over plain values, with arguments that all share: what is written, and what arrives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import pytest

from podium import collected, fan_out, for_each, ref, secret, task, workflow
from podium.dsl import dynamic_fork
from podium.model.errors import AuthoringError


@attrs.frozen
class Page:
    """A record."""

    text: str
    number: int


@task(retries=0)
def parse(text: str, lang: str = "de", strict: bool = False) -> str:  # an input like any other
    """Tell what has arrived."""
    return f"{text} {lang} {strict}"


@task(retries=0)
def judge(page: Page, lang: str) -> int:
    """Take a record as a whole."""
    return page.number * len(lang)


@task(retries=0)
def spread(text: str, number: int, lang: str = "de") -> Page:
    """Take the fields of a record one by one."""
    return Page(f"{text} {lang}", number)


@task(retries=0)
def total(parts: Mapping[str, int]) -> int:
    """Reduce numbers."""
    return sum(collected(parts))


@task(retries=0)
def listed(parts: Mapping[str, Any]) -> list[Any]:
    """Give what has come, in the order of the items."""
    return collected(parts)


@workflow
def parsed(text: str, lang: str) -> str:
    """Parse in a run of its own."""
    return parse(text, lang).output


def test_plain_values_fill_the_first_parameter_that_is_not_shared() -> None:
    """Of a declared list, of a task and of a workflow; references may be shared."""

    @workflow
    def flow(texts: list[str], lang: str) -> list[str]:
        first = fan_out("first", parse, texts, lang=lang, strict=True, max_parallel=2)
        second = fan_out("second", parsed, texts, lang=lang)
        both = {"a": listed.as_("a")(first.output).output, "b": listed.as_("b")(second.output).output}
        return listed.as_("all")(both).output

    assert flow.run(texts=["x", "y"], lang="en").output == {
        "result": [["x en True", "y en True"], ["x en False", "y en False"]]
    }
    assert flow.to_dict()["tasks"][:2] == [
        {
            "name": "first_items",
            "taskReferenceName": "first_items",
            "type": "JSON_JQ_TRANSFORM",
            "inputParameters": {
                "items": "${workflow.input.texts}",
                "shared": {"lang": "${workflow.input.lang}", "strict": True},
                "queryExpression": '.shared as $shared | .items | map($shared + ({"text": .}))',
            },
        },
        {
            "name": "first",
            "taskReferenceName": "first",
            "type": "FORK_JOIN_DYNAMIC",
            "inputParameters": {
                "forkTaskName": "parse",
                "forkTaskMaxParallel": 2,
                "forkTaskInputs": "${first_items.output.result}",
            },
        },
    ]


def test_items_that_are_written_down_need_no_step() -> None:
    """What an item says itself wins over what is shared."""

    @workflow
    def flow(lang: str) -> list[str]:
        items = ["x", {"text": "y", "lang": "fr"}]
        return listed(fan_out("all", parse, items, lang=lang).output).output

    assert flow.to_dict()["tasks"][0]["inputParameters"]["forkTaskInputs"] == [
        {"lang": "${workflow.input.lang}", "text": "x"},
        {"lang": "fr", "text": "y"},
    ]
    assert flow.run(lang="en").output == {"result": ["x en False", "y fr False"]}


def test_a_record_is_one_argument_or_several() -> None:
    """As the parameters ask for; numbers are reduced as numbers."""

    @workflow
    def flow(pages: list[Page]) -> dict[str, Any]:
        spread_out = fan_out("fields", spread, pages, lang="en")
        whole = fan_out("whole", judge, pages, lang="en")
        return {"pages": listed(spread_out.output).output, "total": total(whole.output).output}

    run = flow.run(pages=[Page("a", 1), Page("b", 2)])
    assert run.output == {
        "result": {"pages": [{"text": "a en", "number": 1}, {"text": "b en", "number": 2}], "total": 6}
    }


def test_lists_of_anything_are_told_apart_while_they_run() -> None:
    """Maps are the inputs, all else the first of them."""

    @workflow
    def flow(items: list[Any]) -> list[Any]:
        return listed(fan_out("all", parse, items, lang="en").output).output

    run = flow.run(items=["x", {"text": "y", "lang": "fr"}])
    assert run.output == {"result": ["x en False", "y fr False"]}


@pytest.mark.parametrize(
    ("hint", "item", "text"),
    [
        (date, date(2026, 1, 2), "2026-01-02"),
        (Decimal, Decimal("1.5"), "1.5"),
        (UUID, UUID(int=5), str(UUID(int=5))),
        (Path, Path("a"), "a"),
        (Any, 5, "5"),
        (dict[str, int], {"n": 1}, "{'n': 1}"),
        (Any, {"one": 7}, "7"),
    ],
)
def test_an_item_is_the_first_argument_whatever_it_is(hint: Any, item: object, text: str) -> None:
    """Unless it is a map with the arguments' names, as the last one; told apart while it runs, as if written down."""

    def show(one: Any) -> str:
        return str(one)

    def body(items: Any) -> object:
        return {"run": fan_out("run", shown, items).output, "written": fan_out("written", shown, [item]).output}

    show.__annotations__ = {"one": hint if item != {"one": 7} else dict[str, int] | int, "return": str}
    body.__annotations__ = {"items": list[hint]}
    shown = task(show, name="show")
    parts = list(workflow(body, name="flow").run(items=[item]).output.values())
    assert [list(part.values()) for part in parts] == [[text], [text]]


def test_what_is_no_list_is_refused() -> None:
    """As far as the types say: R3 where it is written."""
    items = ref("workflow.input.items", dict[str, int])
    with pytest.raises(AuthoringError, match=r"goes over a list, not \$\{workflow.input.items\}, which is an object"):
        fan_out("all", judge, items)
    with pytest.raises(AuthoringError, match="goes through a list, not"):
        for_each("each", ref("workflow.input.items", str), lambda one: [judge(one.item)])


def test_a_reducer_takes_a_map() -> None:
    """A check finds one that takes a list."""

    @task
    def added(counts: list[int]) -> int:
        return sum(counts)

    @workflow
    def flow(pages: list[Page]) -> None:
        added(fan_out("all", judge, pages).output)

    assert [each.code for each in flow.check()] == ["R3"]


def test_a_name_takes_what_is_shared_too() -> None:
    """Its plain items arrive as ``input``, as Conductor has it."""

    @workflow
    def flow() -> None:
        fan_out("all", "old", [1, {"n": 2}], lang="en", max_parallel=1)

    assert flow.to_dict()["tasks"][0]["inputParameters"] == {
        "forkTaskName": "old",
        "forkTaskMaxParallel": 1,
        "forkTaskInputs": [{"lang": "en", "input": 1}, {"lang": "en", "n": 2}],
    }
    again: dict[str, Any] = {}
    exec(flow.to_python(), again)  # our own text
    assert again["flow"].to_json() == flow.to_json()


def test_dynamic_forks_have_a_limit_too() -> None:
    """It is one more input."""

    @workflow
    def flow(tasks: list[dict[str, Any]]) -> None:
        dynamic_fork("all", tasks, {}, max_parallel=3)

    assert flow.to_dict()["tasks"][0]["inputParameters"]["forkTaskMaxParallel"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"lnag": "en"}, "has no parameter 'lnag'; did you mean 'lang'?"),
        ({"lang": 3}, r"lang: a text is expected, not a number \(3\)"),
        ({"max_parallel": 0}, "max_parallel=0 must be a whole number of 1 or more"),
        ({"max_parallel": "8"}, "max_parallel"),
        ({"text": "all the same"}, r"items\[0\].lang: a text is expected, not a number"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_line(arguments: dict[str, Any], said: str) -> None:
    """Each with what to write."""
    with pytest.raises(AuthoringError, match=said) as refused:
        fan_out("all", parse, [1] if "text" in arguments else ["x"], **arguments)
    assert __file__ in (refused.value.place or "")


def test_what_an_item_cannot_fill_is_shared() -> None:
    """The message shows how; secrets cannot be, where a step would have to write them."""
    with pytest.raises(AuthoringError, match=r"needs lang; an item fills 'page'; give the others to all"):
        fan_out("all", judge, [{"page": {"text": "a", "number": 1}}, Page("a", 1)][1:])

    @workflow
    def flow(texts: list[str]) -> None:
        fan_out("all", parse, texts, lang=secret("LANG"))

    with pytest.raises(AuthoringError, match="a secret is put in when a task is handed out"):
        _ = flow.definition
