"""What a client refuses to start: what ``podium check`` finds errors in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import podium
from podium import RunStatus, Workflow, fork, ref, task, workflow
from podium.model.definitions import WorkflowTask
from podium.model.errors import DefinitionError

AnyWorkflow = Workflow[..., Any]


@task(retries=0)
def num(x: int) -> int:
    """Give a number."""
    return x


@task(retries=0)
def say(text: str) -> None:
    """Say something."""


@workflow
def unknown() -> None:
    """Read a step that is not there."""
    num(ref("nothing.output.result"))


@workflow
def sideways() -> None:
    """Read what the other branch gives."""
    with fork("both") as both:
        with both.branch():
            made = num(1)
        with both.branch():
            num.as_("other")(made.output)


@workflow
def mistaken() -> None:
    """Give a number where a text is wanted."""
    made = num(1)
    say(made.output)  # type: ignore[arg-type]  # the mistake that is to be found


@workflow
def here() -> None:
    """Call the one that calls this one."""
    there()


@workflow
def there() -> None:
    """Call the one that calls this one."""
    here()


def _namesakes() -> AnyWorkflow:
    @workflow(name="same")
    def one() -> None:
        num(1)

    @workflow(name="same")
    def other() -> None:
        num(2)

    @workflow
    def caller() -> None:
        one.as_("first")()
        other.as_("second")()

    return caller


def _a_namesake_of_its_own() -> AnyWorkflow:
    @workflow(name="top")
    def inner() -> None:
        num(1)

    @workflow(name="top")
    def outer() -> None:
        inner()

    return outer


WRONG: list[tuple[Callable[[], AnyWorkflow], str]] = [
    (lambda: unknown, "R1 ${nothing.output.result}: no step is named 'nothing'"),
    (lambda: sideways, "D2 ${num.output.result} may not exist yet"),
    (lambda: mistaken, "R3 'text' of 'say' takes a text"),
    (lambda: here, "L5 on every way through it, 'here' calls 'there', which comes back to it"),
    (_namesakes, "N1 two workflows are called 'same' version 1"),
    (_a_namesake_of_its_own, "N1 two workflows are called 'top' version 1"),
]


@pytest.mark.parametrize(("make", "words"), WRONG)
def test_what_check_refuses_is_not_started(url: str, make: Callable[[], AnyWorkflow], words: str) -> None:
    """`.run()`, `start`, `start_many` and `run` of a client refuse it alike, with the problem and its place."""
    wrong = make()
    with podium.connect(url) as client, client.workers([num, say]):
        for attempt in (
            lambda: wrong.run(timeout=10),
            lambda: client.start(wrong),
            lambda: client.start_many(wrong, [{}]),
            lambda: client.run(wrong, timeout=10),
        ):
            with pytest.raises(DefinitionError) as caught:
                attempt()

            assert words in str(caught.value)
            assert "test_client_checks.py:" in str(caught.value)
        assert not client.search()


def test_warnings_keep_nothing_from_running(url: str) -> None:
    """They are for who writes a workflow."""

    @workflow
    def doubtful(unused: int) -> None:
        num(1)

    assert doubtful.check().warnings
    with podium.connect(url) as client, client.workers([num]):
        assert client.run(doubtful, {"unused": 1}, timeout=10).status is RunStatus.COMPLETED


def test_a_callers_will_starts_a_workflow_with_errors(embedded: podium.EmbeddedClient) -> None:
    """An error keeps it from running only as long as the caller does not say so; a definition runs as it is."""
    with embedded.workers([num]):
        assert embedded.run(unknown, timeout=10, check=False).status is RunStatus.FAILED
        assert embedded.run(unknown.definition, timeout=10).status is RunStatus.FAILED
        with pytest.raises(DefinitionError):
            embedded.start(unknown)


def test_a_workflow_is_looked_at_once(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting what has not changed costs no second look, in any client; what has grown is looked at again."""
    looks: list[str] = []
    check = Workflow.check

    def counted(self: AnyWorkflow, **options: Any) -> Any:
        looks.append(self.name)
        return check(self, **options)

    monkeypatch.setattr(Workflow, "check", counted)
    grown = Workflow("grown")
    grown >> num(1)
    for _ in range(2):
        with podium.connect(url) as client, client.workers([num]):
            client.start_many(grown, [{}, {}, {}])
            client.start(grown)
    assert looks == ["grown"]

    grown >> num.as_("second")(2)
    with podium.connect(url) as client, client.workers([num]):
        client.start(grown)
        grown >> num.as_("third")(3)
        assert len(client.run(grown, timeout=10).tasks) == 3
    assert looks == ["grown"] * 3


def test_a_loop_over_a_list_without_a_condition_is_only_warned_of() -> None:
    """Conductor refuses to register it, and Podium runs it."""
    say_item = WorkflowTask(name="num", task_reference_name="num", input_parameters={"x": 1})
    loop = WorkflowTask(
        name="each", task_reference_name="each", type="DO_WHILE", items="${workflow.input.names}", loop_over=(say_item,)
    )

    found = podium.load(podium.WorkflowDef(name="list", tasks=(loop,))).check()

    assert [(each.code, each.severity) for each in found] == [("V1", "warning")]
