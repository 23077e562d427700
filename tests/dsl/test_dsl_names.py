"""Reference names come from the author, are usable, and are unique."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dsl_samples import audit, quote_post, send_mail

from podium.dsl import Workflow, fork, inline, loop, noop, raw, ref, switch, task, wait, workflow
from podium.model.errors import AuthoringError

HERE = Path(__file__).name


def _line() -> int:
    return sys._getframe(1).f_lineno


def test_a_name_used_twice_names_both_places() -> None:
    """The second use is refused (N1), and the message says where the first one is."""
    wf = Workflow("w")
    with wf:
        first = _line() + 1
        quote_post("1")
        second = _line() + 1
        quote_post("2")

    with pytest.raises(AuthoringError) as caught:
        _ = wf.definition

    assert caught.value.code == "N1"
    assert (caught.value.place or "").endswith(f"{HERE}:{second}")
    assert f"{HERE}:{first}" in str(caught.value)
    assert ".as_(" in str(caught.value)


def test_a_second_use_takes_another_name() -> None:
    """``as_`` works on the step after the call and on the task before it."""
    wf = Workflow("w")
    with wf:
        quote_post("1")
        quote_post("2").as_("second")
        third = quote_post.as_("third")("3")
        audit(third.output.carrier)

    names = [(each.name, each.task_reference_name) for each in wf.definition.tasks]

    assert names == [
        ("quote_post", "quote_post"),
        ("quote_post", "second"),
        ("quote_post", "third"),
        ("audit", "audit"),
    ]


def test_a_reference_made_before_the_renaming_follows_it() -> None:
    """References know their step, not its name."""
    wf = Workflow("w")
    with wf:
        quote = quote_post("1")
        audit(quote.output.carrier)
        quote.as_("cheap")

    assert wf.definition.tasks[1].input_parameters["carrier"] == "${cheap.output.carrier}"


def test_a_name_that_is_written_in_a_text_cannot_change() -> None:
    """An f-string has the name in it; changing it now would leave the text behind (N2)."""
    quote = quote_post("1")
    _ = f"by {quote.output.carrier}"

    with pytest.raises(AuthoringError, match="already written") as caught:
        quote.as_("cheap")

    assert caught.value.code == "N2"


@pytest.mark.parametrize("name", ["", "ship order", "a.b", "workflow", "a__1", "CPEWF_TASK_ID", "${x}"])
def test_an_unusable_name_is_refused_at_its_line(name: str) -> None:
    """A name that ``${…}`` cannot hold is refused where it is written (N2)."""
    with pytest.raises(AuthoringError) as caught:
        noop(name)

    assert caught.value.code == "N2"
    assert HERE in (caught.value.place or "")


def test_derived_names_are_only_join_and_merge() -> None:
    """The JOIN is ``<fork>_join``, the end of a switch is ``<switch>_merge``."""
    wf = Workflow("w")
    with wf, fork("both") as both:
        with both.branch(), switch("kind", wf.input("kind")) as kind, kind.case("a"):
            noop("n")
        with both.branch():
            send_mail("1")

    forked, joined = wf.definition.tasks

    assert (joined.task_reference_name, joined.join_on) == ("both_join", ("kind_merge", "send_mail"))
    assert [(each.task_reference_name, each.type) for each in forked.fork_tasks[0]] == [
        ("kind", "SWITCH"),
        ("kind_merge", "NOOP"),
    ]


def test_a_branch_that_ends_with_a_merge_needs_no_other_end() -> None:
    """The merge already stands behind the switch."""
    wf = Workflow("w")
    with wf, fork("both") as both:
        with both.branch():
            with switch("kind", wf.input("kind")) as kind:
                with kind.case("a"):
                    one = audit("1").as_("one")
                with kind.otherwise():
                    two = audit("2").as_("two")
            kind.merge(one, two)
        with both.branch():
            send_mail("1")

    assert wf.definition.tasks[1].join_on == ("kind_merge", "send_mail")


def test_a_step_has_one_place() -> None:
    """A step that one builder took cannot be taken by another (N1)."""
    step = noop("n")
    loop("first", [step], max_iterations=2)

    with pytest.raises(AuthoringError, match="already lives in loop 'first'") as caught:
        loop("second", [step], max_iterations=2)

    assert caught.value.code == "N1"


def test_two_functions_cannot_be_one_task() -> None:
    """Workers poll by name, so a name stands for one function (N1)."""

    @task(name="audit")
    def other(carrier: str) -> int:
        return len(carrier)

    wf = Workflow("w") >> audit("1") >> other("2").as_("second")

    with pytest.raises(AuthoringError, match="two functions are the task 'audit'"):
        _ = wf.definition


def test_raw_names_are_kept_and_counted() -> None:
    """What is raw keeps a name that we would refuse, but cannot repeat one."""
    odd = {"name": "x", "taskReferenceName": "a b", "type": "NOOP"}

    assert (Workflow("w") >> raw(odd)).definition.tasks[0].task_reference_name == "a b"
    with pytest.raises(AuthoringError, match="used twice"):
        _ = (Workflow("w") >> raw(odd) >> raw(odd)).definition


def test_steps_directly_in_a_structure_are_refused() -> None:
    """A step between ``with switch`` and its cases would run nowhere."""
    wf = Workflow("w")
    with pytest.raises(AuthoringError, match="belongs to no case"), wf, switch("kind", wf.input("kind")):
        noop("n")
    with pytest.raises(AuthoringError, match="belongs to no branch"), wf, fork("both"):
        noop("m")


def test_an_error_inside_a_block_leaves_no_block_open() -> None:
    """After an exception, steps live nowhere again."""
    wf = Workflow("w")
    with pytest.raises(ZeroDivisionError), wf, loop("again", max_iterations=2):
        _ = 1 // 0

    assert noop("n").block is None


def test_empty_structures_are_refused_with_their_place() -> None:
    """Conductor refuses or cannot run them, so the author hears of it (V1)."""
    makers: dict[str, Callable[[], object]] = {
        "has no case": lambda: switch("s", ref("workflow.input.x")),
        "has no branch": lambda: fork("f"),
        "is empty": lambda: fork("f", [noop("n")], []),
        "has no steps": lambda: loop("l", max_iterations=1),
    }
    for words, make in makers.items():
        wf = Workflow("w")
        with wf:
            make()
        with pytest.raises(AuthoringError, match=words) as caught:
            _ = wf.definition
        assert caught.value.code == "V1"
        assert HERE in (caught.value.place or "")
    with pytest.raises(AuthoringError, match="no steps"):
        _ = Workflow("w").definition


def test_a_merge_needs_every_case() -> None:
    """Without otherwise, or without a step of each case, the merge could wait for ever (S1)."""
    wf = Workflow("w")
    with wf:
        with switch("kind", wf.input("kind")) as kind, kind.case("a"):
            one = audit("1").as_("one")
        with pytest.raises(AuthoringError, match="needs an otherwise") as caught:
            kind.merge(one)
        with kind.otherwise():
            two: Any = wait("two", returns=str)
        with pytest.raises(AuthoringError, match="has no step of otherwise"):
            kind.merge(one)
        with pytest.raises(AuthoringError, match="different types"):
            kind.merge(one, two)
        with pytest.raises(AuthoringError, match="in no case"):
            kind.merge(one, audit("3").as_("elsewhere"))

    assert caught.value.code == "S1"


def test_a_case_is_given_once_and_possible() -> None:
    """S2 for a case given twice, S3 for one that the Literal type cannot have."""
    from dsl_samples import check_fraud

    fraud = check_fraud("1", 2.0)
    with pytest.raises(AuthoringError) as twice:
        switch("s", fraud.output.score, {1: noop("a"), "1": noop("b")})
    with pytest.raises(AuthoringError, match="REJECT") as impossible:
        switch("s", fraud.output.verdict, {"REJCT": noop("c")})

    assert (twice.value.code, impossible.value.code) == ("S2", "S3")


def test_a_loop_needs_an_end() -> None:
    """A loop that nothing stops is refused (L1), and so is a limit that is none."""
    wf = Workflow("w")
    with wf, loop("again"):
        noop("n")

    with pytest.raises(AuthoringError, match="nothing stops") as caught:
        _ = wf.definition
    with pytest.raises(AuthoringError, match="at least 1"):
        loop("never", max_iterations=0)
    with pytest.raises(AuthoringError, match="plain Python value"):
        loop("same", max_iterations=1).until(inline("i", "1").output is None)

    assert caught.value.code == "L1"


def test_a_workflow_must_be_a_plain_function_with_named_inputs() -> None:
    """Coroutines and star arguments are refused (P1)."""

    @workflow
    async def later() -> None:
        """Build nothing."""

    with pytest.raises(AuthoringError, match="plain function"):
        _ = later.definition
    with pytest.raises(AuthoringError, match="no name for its input"):

        @workflow
        def many(*ids: str) -> None:
            """Build nothing."""
