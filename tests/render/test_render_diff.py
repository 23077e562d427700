"""What differs between two definitions: as a value, as text and as one picture of both."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from render_grammars import parse_dot, parse_mermaid
from render_samples import SNAPSHOTS, corpus_subjects, definition, nasty, polling, shipping, task, telling

from podium.diff import Change, diff_definitions
from podium.model.definitions import WorkflowDef
from podium.model.errors import RenderError
from podium.render import diff_picture
from podium.render.dot_source import dot_text
from podium.render.drawing import drawing
from podium.render.options import Options
from podium.render.palette import CHANGES, FILLED
from podium.render.steps import nodes_inside


def old_order() -> WorkflowDef:
    """Return the first version of a flow."""
    speed = {"switchCaseValue": "${workflow.input.speed}"}
    cases = {"EXPRESS": (task("fast"), task("label")), "PICKUP": (task("call"),)}
    return definition(
        task("reserve", retry_count=2, input_parameters={"sku": "${workflow.input.sku}", "count": 1}),
        task("audit"),
        task("way", "SWITCH", input_parameters=speed, decision_cases=cases, default_case=(task("slow"),)),
        task("tell", "FORK_JOIN", fork_tasks=((task("mail"),), (task("charge"), task("bill")))),
        task("tell_join", "JOIN", join_on=("mail", "bill")),
        name="order",
        timeout_seconds=60,
    )


def new_order() -> WorkflowDef:
    """Give its second version: something added, removed, changed and moved."""
    speed = {"switchCaseValue": "${workflow.input.speed}"}
    cases = {"EXPRESS": (task("fast"),), "DRONE": (task("fly"),)}
    return definition(
        task("reserve", retry_count=5, input_parameters={"sku": "${workflow.input.sku}"}),
        task("way", "SWITCH", input_parameters=speed, decision_cases=cases, default_case=(task("slow"), task("label"))),
        task("tell", "FORK_JOIN", fork_tasks=((task("push"),), (task("mail"),), (task("bill"), task("charge")))),
        task("tell_join", "JOIN", join_on=("mail", "charge", "push")),
        name="order",
        version=2,
        timeout_seconds=90,
    )


def became(old: WorkflowDef, new: WorkflowDef) -> dict[str, str]:
    """Return name to change for the steps that differ."""
    return {
        step.reference: step.change.value for step in diff_definitions(old, new).steps if step.change is not Change.SAME
    }


def test_steps_are_compared_by_name() -> None:
    """A step keeps its name wherever it stands; branches are known by what is in them."""
    assert became(old_order(), new_order()) == {
        "reserve": "CHANGED",
        "audit": "REMOVED",
        "way": "CHANGED",
        "call": "REMOVED",
        "label": "MOVED",
        "fly": "ADDED",
        "push": "ADDED",
        "bill": "MOVED",
        "tell_join": "CHANGED",
    }


def test_settings_are_told_with_both_values() -> None:
    """Each setting that differs has its JSON path, what it was and what it is; the workflow has its own."""
    found = diff_definitions(old_order(), new_order())
    reserve = found.steps[0]

    assert reserve.facts == ("retryCount: 2 -> 5", "inputParameters.count: 1 (gone)")
    assert [str(setting) for setting in found.settings] == ["version: 1 -> 2", "timeoutSeconds: 60 -> 90"]


def test_moves_say_from_where_to_where() -> None:
    """Another case, another structure, or only another order."""
    steps = {step.reference: step for step in diff_definitions(old_order(), new_order()).steps}

    assert steps["label"].facts == ("from case EXPRESS of way to otherwise of way",)
    assert [step.move for step in steps.values() if step.is_moved][-1] == "another order in a branch of tell"


def test_masked_settings_are_told_without_their_values() -> None:
    """That it changed may be known, what it was may not."""
    old = definition(task("a", input_parameters={"token": "x"}), masked_fields=("token",))
    new = definition(task("a", input_parameters={"token": "y"}), masked_fields=("token",))

    assert diff_definitions(old, new).steps[0].facts == ("inputParameters.token: (hidden) -> (hidden)",)


def test_equal_definitions_do_not_differ() -> None:
    """Nothing is marked, and the text says so."""
    found = diff_picture(telling(), telling())

    assert found.diff.is_empty
    assert str(found) == "telling version 1 -> telling version 1: no difference\n"
    assert {None} == {node.status for node in found.picture.nodes}
    assert {""} == {edge.change for edge in found.picture.edges}


def test_lines_that_lead_elsewhere_are_marked() -> None:
    """The union of both flows is drawn; what only one of them has is added or removed."""
    picture = diff_picture(old_order(), new_order()).picture
    changed = {(edge.source, edge.target): edge.change for edge in picture.edges if edge.change}

    assert changed["n_reserve", "n_way"] == "added"
    assert changed["n_reserve", "n_audit"] == changed["n_audit", "n_way"] == "removed"
    assert changed["n_tell", "n_push"] == "added"
    assert ("n_tell", "n_mail") not in changed


def test_picture_holds_both_definitions() -> None:
    """Every step of both is there once, in its place; a removed one where it stood."""
    picture = diff_picture(old_order(), new_order()).picture
    names = [node.reference for node in picture.nodes if node.reference]

    assert sorted(names) == sorted({step.reference for step in diff_definitions(old_order(), new_order()).steps})
    assert names.index("audit") == names.index("reserve") + 1
    assert nodes_inside(picture.steps) == [node.id for node in picture.nodes[1:-1]]
    assert "≠ changed" in [line.text for line in picture.node("n_reserve").lines]


@pytest.mark.parametrize("form", ["svg", "mmd", "txt"])
def test_snapshots(form: str) -> None:
    """Each form is what it was when somebody last looked at it; PODIUM_UPDATE_SNAPSHOTS=1 writes them anew."""
    found = diff_picture(old_order(), new_order())
    options = Options(legend=True)
    text = {
        "svg": lambda: drawing(found.picture, options),
        "mmd": found.mermaid,
        "txt": found.describe,
    }[form]()
    path = SNAPSHOTS / f"diff_order.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text


def test_forms_agree_and_are_safe() -> None:
    """Hostile names break nothing, whichever side they are on."""
    for old, new in ((nasty(), polling()), (polling(), nasty()), (nasty(), nasty()), (old_order(), new_order())):
        found = diff_picture(old, new, collapse=False)
        ids = sorted(node.id for node in found.picture.nodes)
        assert sorted(parse_dot(dot_text(found.picture, Options())).nodes) == ids
        assert sorted(parse_mermaid(found.mermaid()).nodes) == ids
        ET.fromstring(drawing(found.picture, Options(legend=True)))
        assert found.describe()


def test_looks_of_changes_can_be_told_apart() -> None:
    """Their fills are those of statuses, whose distances are computed; icon, border and word are their own."""
    fills = [style.fill for style in CHANGES.values()]

    assert len(set(fills)) == 5
    assert set(fills) <= {style.fill for style in FILLED}
    assert {(style.fill, style.text) for style in CHANGES.values()} <= {(style.fill, style.text) for style in FILLED}
    assert len({style.icon for style in CHANGES.values()}) == len({style.border for style in CHANGES.values()}) == 5


def test_notebook_and_files(tmp_path: Path) -> None:
    """A notebook shows text and SVG; a file has the form of its suffix; authoring objects are taken too."""
    found = diff_picture(SimpleNamespace(definition=old_order()), new_order(), direction="LR")

    assert list(found._repr_mimebundle_()) == ["text/plain", "image/svg+xml"]
    assert "flowchart LR" in Path(found.render(tmp_path / "a.mmd")).read_text()
    assert "status-added" in Path(found.render(tmp_path / "a.svg")).read_text()
    assert Path(found.render(tmp_path / "a.txt")).read_text() == found.describe()
    assert Path(found.render(tmp_path / "a.json")).read_text() == f"{found.diff.to_json()}\n"
    with pytest.raises(RenderError, match="cannot be written"):
        found.render(tmp_path / "missing" / "a.txt")
    with pytest.raises(RenderError, match="two workflows"):
        diff_picture(3, new_order())


names = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)


@given(names, names)
def test_a_difference_turns_around(one: list[str], two: list[str]) -> None:
    """What is added one way is removed the other way; what moves is as few steps as can be."""
    old, new = definition(*map(task, one)), definition(*map(task, two))
    there, back = diff_definitions(old, new), diff_definitions(new, old)

    assert {s.reference for s in there.of(Change.ADDED)} == {s.reference for s in back.of(Change.REMOVED)}
    assert len(there.of(Change.MOVED)) == len(back.of(Change.MOVED))
    still = [name for name in one if name in two and name not in {s.reference for s in there.of(Change.MOVED)}]
    assert still == [name for name in two if name in still]
    assert there.is_empty == (one == two)


def test_the_corpus_against_itself_with_a_step_less() -> None:
    """Every real definition can be compared; taking its first step away removes that step."""
    for _, subject in corpus_subjects():
        if isinstance(subject, WorkflowDef) and subject.tasks:
            less = evolve(subject, tasks=subject.tasks[1:])
            found = diff_picture(subject, less)
            assert subject.tasks[0].task_reference_name in {s.reference for s in found.diff.of(Change.REMOVED)} | {
                visit.task_reference_name for visit in less.tasks
            }
            drawing(found.picture, Options())


def test_shipping_grows_a_case() -> None:
    """A new case is a new line with its label."""
    old = shipping()
    way = evolve(old.tasks[1], decision_cases={**old.tasks[1].decision_cases, "DRONE": (task("fly"),)})
    picture = diff_picture(old, evolve(old, tasks=(old.tasks[0], way, old.tasks[2]))).picture

    assert [edge.label for edge in picture.edges if edge.target == "n_fly"] == ["added: DRONE"]


def test_renamed_steps_are_one_node() -> None:
    """A renamed step, and a fork renamed with it, are drawn once, under their new names; so are lines to them."""
    old, new = (
        definition(
            task("first", name="start"),
            task(f"tell{tail}", "FORK_JOIN", fork_tasks=((task(f"mail{tail}", name="mail"),), (task("bill"),))),
            task(f"tell{tail}_join", "JOIN", join_on=(f"mail{tail}", "bill")),
        )
        for tail in ("", "_all")
    )
    found = diff_picture(old, new)

    assert [node.status for node in found.picture.nodes] == [None, None, "RENAMED", "RENAMED", None, "RENAMED", None]
    assert {edge.change for edge in found.picture.edges} == {""}
    assert [line.text for line in found.picture.node("n_mail_all").lines[-2:]] == ["≈ renamed", "was mail"]


def test_case_labels_that_differ_are_marked() -> None:
    """The steps of a case stay where they are if only its label is another one."""
    old = shipping()
    cases = {"FAST": old.tasks[1].decision_cases["EXPRESS"], "NEVER": old.tasks[1].decision_cases["NEVER"]}
    new = evolve(old, tasks=(old.tasks[0], evolve(old.tasks[1], decision_cases=cases), old.tasks[2]))
    picture = diff_picture(old, new).picture
    labels = {edge.target: edge.label for edge in picture.edges if edge.source == "n_shipping"}

    assert labels["n_quote_express"] == "changed: FAST"
    assert labels["n_shipping_merge"] == "removed: PICKUP"
    assert labels["n_refuse"] == "NEVER"
    assert {node.reference for node in picture.nodes if node.status} == {"shipping"}
