"""Workflows as values: what they compile to, carry along, and hand to the rooms above."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest
from dsl_samples import Payment, audit, charge, encode, quote_post, release, reserve, send_mail

import podium.model.verbs as registry
from podium.checks import check
from podium.dsl import Workflow, fan_out, load, loop, noop, switch, workflow
from podium.model import codec
from podium.model.definitions import WorkflowDef
from podium.model.errors import AuthoringError, DefinitionError, InvalidRequest


class Above:
    """Stands for the rooms above: notes each call, and gives something of every shape."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def __getattr__(self, _: str) -> Any:
        return self._answer

    def _answer(self, *args: Any, **kwargs: Any) -> Any:
        self.calls.append((*args, kwargs))
        return {"text/plain": "drawn"}


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Supply every verb that rooms above would supply, and give the list of calls."""
    above = Above()
    monkeypatch.setattr(registry, "_suppliers", [lambda: above])
    return above.calls


@workflow(version=2, description="Ships.", failure_workflow="mourn", variables={"n": 1}, status_listener=True)
def ship(order_id: str, speed: str = "POST", note: str | None = None) -> Payment:
    """Ship one order."""
    send_mail(order_id)
    return charge(order_id, 1.0).output


@workflow
def endless(order_id: str, depth: int) -> None:
    """Call itself."""
    send_mail(order_id)
    endless(order_id, depth)


@workflow
def parent(order_id: str) -> str:
    """Use other workflows in every way."""
    paid = ship(order_id)
    inner.inline(order_id)
    fan_out("ship_all", ship, [{"order_id": "1"}])
    ship.as_("other").opts(optional=True).start(order_id)
    return paid.output.id


@workflow
def inner(order_id: str) -> None:
    """Be embedded; it can be undone and calls another workflow itself."""
    reserve(order_id, "sku").undo(release, reservation_id="1")
    endless(order_id, 2)


def test_the_function_is_called_once_and_lazily() -> None:
    """Decoration calls nothing, so functions may use what is defined further down; then the definition is kept."""
    calls: list[str] = []

    @workflow
    def counted(order_id: str) -> None:
        calls.append(order_id)
        send_mail(order_id)

    assert (calls, counted.name, counted.version) == ([], "counted", 1)
    assert counted.definition is counted.definition
    assert len(calls) == 1
    assert repr(counted) == "<Workflow 'counted' version 1>"


def test_settings_become_fields_of_the_definition() -> None:
    """Parameters are inputs, defaults the template, settings their fields."""
    definition = ship.definition

    assert (
        definition.name,
        definition.version,
        definition.description,
        definition.failure_workflow,
    ) == ("ship", 2, "Ships.", "mourn")
    assert definition.input_parameters == ("order_id", "speed", "note")
    assert definition.input_template == {"speed": "POST"}
    assert definition.workflow_status_listener_enabled
    with pytest.raises(AuthoringError, match="did you mean 'timeout'"):
        workflow(timeot="1h")  # type: ignore[call-overload]  # the mistake under test
    with pytest.raises(AuthoringError, match="version"):
        Workflow("w", version="3")  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(AuthoringError, match="needs a name"):
        Workflow("")


def test_a_workflow_may_call_itself() -> None:
    """By name and version, so nothing is embedded."""
    params = endless.definition.tasks[1].sub_workflow_param

    assert params is not None
    assert (params.name, params.version, params.workflow_definition) == ("endless", 1, None)
    assert [definition.name for definition in endless.definitions] == ["endless"]


def test_a_workflow_cannot_embed_itself() -> None:
    """That would never end."""

    @workflow
    def russian_doll(order_id: str) -> None:
        russian_doll.inline(order_id)

    with pytest.raises(AuthoringError, match="cannot embed itself"):
        _ = russian_doll.definition


def test_everything_that_a_workflow_needs_is_found() -> None:
    """Definitions and tasks of called and embedded workflows, and their undo workflows, once each."""
    assert [definition.name for definition in parent.definitions] == [
        *("parent", "parent_undo", "inner_undo", "ship", "endless"),
    ]
    assert [task.name for task in parent.tasks] == ["reserve", "release", "send_mail", "charge"]
    assert parent.tasks == parent.worker_tasks
    assert [task.task_def for task in parent.tasks] == list(parent.task_defs)


def test_undo_makes_a_visible_failure_workflow() -> None:
    """What was done is noted in a variable, and undone in reverse order from there."""
    wf = Workflow("saga", version=4)
    with wf:
        reserve("1", "s").undo(release, reservation_id="r1")
        reserve("2", "s").as_("second").undo(release, reservation_id="r2")
    definition, undo = wf.definitions

    assert (definition.failure_workflow, definition.failure_workflow_version) == ("saga_undo", 4)
    assert [t.task_reference_name for t in definition.tasks] == ["reserve", "reserve_done", "second", "second_done"]
    assert [task.task_reference_name for task in undo.tasks] == ["if_second", "if_reserve"]
    assert check(undo) == []
    both = Workflow("both", failure_workflow="mourn")
    with both:
        reserve("1", "s").undo(release, reservation_id="r1")
    with pytest.raises(AuthoringError, match="both"):
        _ = both.definition
    with pytest.raises(AuthoringError, match="missing"):
        reserve("1", "s").undo(release)


def test_a_failure_workflow_may_be_one_of_ours() -> None:
    """It is named with its version, and carried along."""
    mourn = Workflow("mourn", version=5) >> noop("n")
    wf = Workflow("w", failure_workflow=mourn) >> noop("m")

    assert (wf.definition.failure_workflow, wf.definition.failure_workflow_version) == ("mourn", 5)
    assert [definition.name for definition in wf.definitions] == ["w", "mourn"]


def test_a_workflow_as_a_value_declares_inputs_and_outputs() -> None:
    """``input`` declares in the order of use, ``returns`` gives outputs; it may grow until it is read."""
    wf = Workflow("w", inputs=["first"])
    quote = quote_post(wf.input("order_id"))
    wf >> quote
    wf.returns(quote.output).returns(by="post")

    assert wf.definition.input_parameters == ("first", "order_id")
    assert {"carrier", "price", "by"} == set(wf.definition.output_parameters)
    wf >> noop("more")
    assert len(wf.definition.tasks) == 2


def test_written_and_loaded_workflows_do_not_grow() -> None:
    """A function or a JSON document is what it is."""
    loaded = load({"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a"}]})

    for made in (ship, loaded):
        with pytest.raises(AuthoringError):
            made >> noop("n")
        with pytest.raises(AuthoringError), made:
            noop("m")
    with pytest.raises(AuthoringError, match="not written as a function"):
        _ = loaded.fn
    with pytest.raises(AuthoringError, match="a step at least"):
        Workflow("w") >> [[]]


def test_loading_takes_paths_texts_and_data(tmp_path: Path) -> None:
    """All forms give the same workflow; what cannot be read says why."""
    text = ship.to_json()
    path = tmp_path / "ship.json"
    path.write_text(text)

    forms = [load(text), load(text.encode()), load(path), load(str(path)), load(ship.to_dict()), load(ship.definition)]

    assert all(form.definition == ship.definition for form in forms)
    assert all(form.to_json() == text for form in forms)
    with pytest.raises(DefinitionError, match="not JSON"):
        load("{")
    with pytest.raises(DefinitionError):
        load({"tasks": 3})
    with pytest.raises(OSError, match="nowhere"):
        load("nowhere.json")


def test_a_loaded_workflow_is_called_like_a_task() -> None:
    """By name and version, with inputs by name, or embedded."""
    loaded = load(ship.to_dict())
    wf = Workflow("w") >> loaded(order_id="1") >> loaded.as_("copy").inline(order_id="2", extra=3)
    first, second = (task.sub_workflow_param for task in wf.definition.tasks)

    assert first is not None
    assert second is not None
    assert (first.name, first.version) == ("ship", 2)
    assert second.workflow_definition == ship.definition


def test_a_loaded_workflow_takes_inputs_of_any_name() -> None:
    """Names that Python could not declare as parameters are inputs all the same."""
    names = ["input", "class", "a b", "input"]
    loaded = load({"name": "w", "inputParameters": names, "tasks": [{"name": "a", "taskReferenceName": "a"}]})

    step = loaded(**{"input": 1, "class": 2, "a b": 3})

    assert step.input_parameters == {"input": 1, "class": 2, "a b": 3}


def test_drawing_and_running_are_asked_of_the_rooms_above(verbs: list[tuple[Any, ...]]) -> None:
    """Every verb goes to the rooms above, with the workflow itself, so that its sub-workflows can be drawn too."""
    ship.render("ship.svg", theme="dark")
    ship.draw()
    ship.graph()
    ship.to_mermaid()
    ship.describe()
    assert ship._repr_mimebundle_() == {"text/plain": "drawn"}

    assert len(verbs) == 6
    assert all(call[0] is ship for call in verbs)


def test_running_hands_over_checked_input(verbs: list[tuple[Any, ...]]) -> None:
    """Defaults are filled in, records become data, wrong names are refused before anything starts."""
    ship.run(order_id="1", timeout=3.0)
    load(ship.definition).run(workers=[charge], order_id=Payment("1", 2.0))

    assert [
        (ship, {"speed": "POST", "order_id": "1"}, {"workers": None, "timeout": 3.0}),
        ({"order_id": {"id": "1", "amount": 2.0}}, {"workers": [charge], "timeout": None}),
    ] == [verbs[0], verbs[1][1:]]
    with pytest.raises(InvalidRequest, match="missing"):
        ship.run()
    with pytest.raises(InvalidRequest, match="takes no 'colour'"):
        ship.run(order_id="1", colour="red")


def test_an_input_may_be_called_like_a_word_of_run(verbs: list[tuple[Any, ...]]) -> None:
    """A workflow's own parameter hides the word."""

    @workflow
    def odd(timeout: str) -> None:
        send_mail(timeout)

    odd.run(timeout="late")  # type: ignore[arg-type]  # the parameter, not the word

    assert verbs[0][1] == {"timeout": "late"}


def test_two_builds_in_two_processes_are_byte_identical() -> None:
    """Neither hash seeds nor the order of memory show in the JSON."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_dsl_golden as g;"
        "print([w.to_json() for w in g.SCENARIOS.values()])"
    )
    here = str(Path(__file__).parent)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, here],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(outputs) == 1


def test_the_structure_of_steps_survives_evolution() -> None:
    """Inserting a step changes no other name."""

    def build(more: bool) -> WorkflowDef:
        wf = Workflow("w")
        with wf:
            if more:
                audit("x")
            with loop("again", max_iterations=2), switch("kind", wf.input("kind")) as kind, kind.case("a"):
                send_mail("1")
        return wf.definition

    plain, grown = build(more=False), build(more=True)

    assert attrs.evolve(grown, tasks=grown.tasks[1:]) == plain


def test_a_step_built_outside_lives_nowhere() -> None:
    """Until a workflow takes it."""
    step = encode("p", 1)

    assert step.block is None
    assert codec.to_dict((Workflow("w") >> step).definition.tasks[0])["name"] == "encode"


def test_the_example_is_sound_and_its_functions_run() -> None:
    """examples/order.py compiles, has no problems, and its polling ends at the second look."""
    import runpy

    example = runpy.run_path(str(Path(__file__).parents[2] / "examples" / "order.py"))
    order: Workflow[..., Any] = example["order"]

    assert order.check() == []
    assert [definition.name for definition in order.definitions] == ["order", "order_undo"]
    assert [example["track"].fn("1").state for _ in range(2)] == ["UNDERWAY", "DONE"]
    assert str(example["charge"].fn("1", 15.5).amount) == "15.5"


def test_a_default_that_cannot_be_json_is_told_where_the_workflow_is() -> None:
    """The definition is built when somebody asks for it, and that somebody has done nothing wrong."""

    @workflow
    def endless_limit(limit: float = float("inf")) -> None:
        noop("wait")

    with pytest.raises(AuthoringError, match="a default of workflow 'endless_limit': inf cannot be an input") as caught:
        codec.to_json(endless_limit.definition)
    assert caught.value.place == endless_limit.place


def test_what_cannot_be_written_is_not_taken() -> None:
    """A number that JSON does not have would become null without a word; it is refused as data and in ``json=``."""
    task = {"name": "a", "taskReferenceName": "a", "inputParameters": {"rate": float("nan")}}

    with pytest.raises(DefinitionError, match="a number that JSON does not have"):
        load({"name": "w", "tasks": [task]})
    with pytest.raises(DefinitionError, match="a number that JSON does not have"):
        load('{"name": "w", "tasks": [], "rate": 1e999}')
    with pytest.raises(AuthoringError, match="V1 json: this cannot be JSON"):
        noop("a").opts(json={"rate": float("nan")})
