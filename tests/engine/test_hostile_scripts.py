"""What scripts of a hostile or careless author do to a real engine: their task fails, other runs notice nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from engine_flows import attempt_of, flow, inline, loop, task

import podium
from podium.client.embedded import EmbeddedClient
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus

pytestmark = pytest.mark.slow  # an endless script may take its four seconds

HOSTILE = {
    "endless loop": "for (;;);",
    "endless recursion": "(function f(){ return f() + 1 })()",
    "two-way recursion": "function f(n){ return n < 2 ? 1 : f(n - 1) + f(n - 2) } f(100)",
    "huge list": "let a = []; for (;;) a.push('x'.repeat(1e6))",
    "huge text": "let s = 'x'; for (;;) s = s + s",
}

#: Seconds within which a harmless run must end beside a hostile one; the hostile script itself may take four.
PROMPT_S = 2.0


@pytest.fixture
def client() -> Iterator[EmbeddedClient]:
    """An engine with threads, on memory."""
    with podium.connect("memory://") as made:
        yield made


def in_inline(script: str) -> WorkflowTask:
    """Put a script into an INLINE task."""
    return inline("bad", script)


def in_switch(script: str) -> WorkflowTask:
    """Put a script into a SWITCH."""
    return task(
        "SWITCH", "bad", evaluator_type="javascript", expression=script, decision_cases={"x": (inline("x", "1"),)}
    )


def in_loop(script: str) -> WorkflowTask:
    """Put a script into a loop's condition."""
    return loop("bad", script, inline("body", "1"))


def harmless(client: EmbeddedClient) -> float:
    """Run a workflow with a script and a condition; give the seconds it took."""
    began = time.monotonic()
    definition: WorkflowDef = flow(
        inline("a", "[1, 2].map(x => x * 2)[1]"), inline("b", "$.a + 1", a="${a.output.result}")
    )
    run = client.run(definition, timeout=20)
    assert run.output == {"result": 5}
    return time.monotonic() - began


@pytest.mark.parametrize("place", [in_inline, in_switch, in_loop])
def test_hostile_scripts_fail_their_own_task(client: EmbeddedClient, place: Callable[[str], WorkflowTask]) -> None:
    """Each run ends FAILED at its script, and a run beside them is done promptly."""
    started = {kind: client.start(flow(place(script))) for kind, script in HOSTILE.items()}
    assert harmless(client) < PROMPT_S
    for kind, run_id in started.items():
        run = client.wait(run_id, timeout=30)
        assert run.status is RunStatus.FAILED, kind
        assert attempt_of(run, "bad").status in {TaskStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR}, kind
        assert run.reason, kind


def test_an_endless_inline_is_interrupted_after_four_seconds(client: EmbeddedClient) -> None:
    """FAILED, so that it can be retried, with Conductor's words; a script's own error is FAILED for good."""
    run = client.run(flow(in_inline("for (;;);")), timeout=30)
    record = attempt_of(run, "bad")
    assert record.status is TaskStatus.FAILED
    assert record.reason_for_incompletion == "Script not evaluated within 4 seconds, interrupted."
    assert record.output_data == {"error": record.reason_for_incompletion}


def test_several_hostile_runs_at_once(client: EmbeddedClient) -> None:
    """Each is interrupted by its own clock; the engine lives on."""
    hostile = client.start_many(flow(in_inline("for (;;);")), [{}] * 3)
    assert harmless(client) < PROMPT_S
    assert {client.wait(one, timeout=40).status for one in hostile} == {RunStatus.FAILED}
    assert harmless(client) < PROMPT_S


def test_a_hostile_query(client: EmbeddedClient) -> None:
    """Jq can loop too."""
    run_id = client.start(flow(task("JSON_JQ_TRANSFORM", "bad", inputs={"queryExpression": "last(range(1e12))"})))
    assert harmless(client) < PROMPT_S
    run = client.wait(run_id, timeout=30)
    assert attempt_of(run, "bad").status is TaskStatus.FAILED


def test_a_hostile_script_with_a_huge_input(client: EmbeddedClient) -> None:
    """Data of a few megabytes is no reason to fail."""
    run = client.run(
        flow(inline("t", "$.list.filter(x => x > 5).length", list="${workflow.input.list}")),
        {"list": list(range(300_000))},
        timeout=30,
    )
    assert run.output == {"result": 299_994}
