"""What is too large or too deep ends its attempt or its run, and says how large it is and may be."""

from __future__ import annotations

import pytest
from engine_flows import Crew, attempt_of, flow, fork, inline, join, simple, task
from hypothesis import given
from hypothesis import strategies as st

import podium
from podium.engine.config import EngineConfig
from podium.engine.limits import DEPTH_MAX, Limits, cut
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError, InvalidRequest, LimitExceeded
from podium.model.payloads import dump
from podium.model.statuses import RunStatus, TaskStatus
from podium.model.values import JsonValue
from podium.testing.bench import Bench


def nested(levels: int) -> JsonValue:
    """Return a value of so many levels."""
    value: JsonValue = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("limits", [Limits(), Limits(depth=10)], ids=["default", "set"])
def test_the_greatest_depth_is_taken_and_no_more(limits: Limits) -> None:
    """The default is what the packer of JSON takes."""
    assert limits.packed(nested(limits.depth), "x")
    for levels in (limits.depth + 1, limits.depth + 700):
        with pytest.raises(LimitExceeded, match=f"x is too deep: more than {limits.depth} levels"):
            limits.packed(nested(levels), "x")
    assert limits.depth <= DEPTH_MAX


@given(
    value=st.recursive(
        st.integers() | st.text("[{ab"), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_what_is_within_the_limits_is_packed_as_always(value: JsonValue) -> None:
    """Brackets in texts are no levels."""
    assert Limits(depth=60).packed(value, "x") == dump(value)


@given(text=st.text(min_size=0, max_size=500), most=st.integers(100, 400))
def test_a_text_is_cut_in_its_middle(text: str, most: int) -> None:
    """Its beginning and its end stay."""
    shown = cut(text, most)
    assert (
        shown == text
        if len(text) <= most
        else shown.startswith(text[: most // 2]) and shown.endswith(text[-(most // 2) :])
    )


def doubling(steps: int) -> WorkflowDef:
    """Return a workflow whose texts double from step to step."""
    first = task("WAIT", "n0", inputs={"x": "0123456789", "duration": "0 seconds"})
    others = (f"${{n{n - 1}.input.x}}" * 2 for n in range(1, steps))
    return flow(
        first,
        *(task("WAIT", f"n{n}", inputs={"x": x, "duration": "0 seconds"}) for n, x in enumerate(others, 1)),
    )


def test_texts_that_double_end_at_the_limit(bench: Bench) -> None:
    """The run fails with the size and the limit, after a few megabytes."""
    run = bench.run(bench.start(doubling(40)))
    assert run.status is RunStatus.FAILED
    assert "is too large: 10485791 bytes as JSON, and the limit is 10485760" in (run.reason or "")


def test_one_text_of_many_large_ones_is_not_put_together(bench: Bench) -> None:
    """A thousand times one megabyte is refused before it takes memory."""
    run_id = bench.start(flow(task("WAIT", "n", inputs={"x": "${workflow.input.t}" * 1000})), {"t": "x" * 1_000_000})
    run = bench.run(run_id)
    assert run.status is RunStatus.FAILED
    assert "a text is too large" in (run.reason or "")


#: A list in a value of one megabyte, and how often values refer to it.
LARGE, OFTEN = {"t": ["x" * 1_000_000]}, {f"k{number}": "${workflow.input.t}" for number in range(1000)}


def test_a_large_value_that_is_found_a_thousand_times_is_not_written(bench: Bench) -> None:
    """It is there once; all of them as JSON would be a gigabyte, at any depth of the input."""
    run = bench.run(bench.start(flow(task("WAIT", "n", inputs={"x": [OFTEN]})), LARGE))
    assert run.status is RunStatus.FAILED
    assert "a value is too large: its references come to more than 67108864 bytes" in (run.reason or "")


def test_an_output_of_a_large_value_a_thousand_times_fails_its_run(bench: Bench) -> None:
    """With the reason; one that fails by itself says both."""
    made = flow(simple("a"), output_parameters={"x": OFTEN})
    worker = bench.serve("a")
    run_id = bench.start(made, LARGE)
    bench.complete(worker.waiting.popleft())
    run = bench.run(run_id)
    words = "a value is too large: its references come to more than 67108864 bytes, the limit"
    assert (run.status, run.output) == (RunStatus.FAILED, {})
    assert run.reason == f"the output of the run cannot be made: {words}"

    run_id = bench.start(made, LARGE)
    bench.fail(worker.waiting.popleft(), terminal=True)
    run = bench.run(run_id)
    assert (run.status, run.output) == (RunStatus.FAILED, {})
    assert run.reason == f"{words}; Task 'a' failed with status: FAILED and reason: 'no reason'"


def test_a_result_that_is_too_large_fails_for_good(bench: Bench) -> None:
    """The attempt is not retried, its output is left out, and the run goes on to its end."""
    run_id = bench.start(flow(simple("a")))
    Crew(bench, "a").complete("a", {"text": "x" * 11_000_000})
    record = attempt_of(bench.run(run_id), "a")
    assert record.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert record.output_data == {}
    assert "the output of task 'a' is too large: 11000011 bytes" in (record.reason_for_incompletion or "")
    assert bench.run(run_id).status is RunStatus.FAILED


def test_outputs_that_are_too_large_together_fail_their_join(bench: Bench) -> None:
    """Each branch is within the limit, their sum is not."""
    run_id = bench.start(flow(fork("split", [simple("a")], [simple("b")]), join("merge", "a", "b")))
    crew = Crew(bench, "a", "b")
    crew.complete("a", {"text": "x" * 6_000_000})
    crew.complete("b", {"text": "x" * 6_000_000})
    assert "the output of task 'merge' is too large" in (bench.run(run_id).reason or "")


def test_an_output_of_a_run_that_is_too_large_fails_it(bench: Bench) -> None:
    """What the tasks did stays; the run says what is wrong."""
    definition = flow(
        task("WAIT", "a", inputs={"x": "${workflow.input.t}", "duration": "0 seconds"}),
        output_parameters={"one": "${a.input.x}", "two": "${a.input.x}"},
    )
    run = bench.run(bench.start(definition, {"t": "x" * 6_000_000}))
    assert (run.status, run.output) == (RunStatus.FAILED, {})
    assert "the output of the run is too large" in (run.reason or "")


def test_an_input_that_is_too_large_is_refused() -> None:
    """The caller hears of it, and can set the limit."""
    limits = Limits(payload_bytes=1_000)
    with podium.connect("memory://", limits=limits) as client:
        with pytest.raises(InvalidRequest, match="the input is too large: 2008 bytes as JSON, and the limit is 1000"):
            client.start(flow(inline("a", "1")), {"t": "x" * 2_000})
        assert client.run(flow(inline("a", "1")), {"t": "x" * 900}, timeout=30).status is RunStatus.COMPLETED


def test_too_many_branches_are_refused(bench: Bench) -> None:
    """A list of numbers of a few megabytes makes a million tasks."""
    items = [0] * 50_001
    spread = task("FORK_JOIN_DYNAMIC", "spread", inputs={"forkTaskInputs": items, "forkTaskName": "w"})
    run = bench.run(bench.start(flow(spread, join("merge"))))
    assert run.status is RunStatus.FAILED
    assert "more than 50000 branches" in (run.reason or "")


def test_the_defaults_are_those_of_the_engine() -> None:
    """A kernel without settings has the documented ones."""
    assert EngineConfig.__attrs_attrs__.limits.default == Limits()


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(definition_tasks=2), r"it has 3 tasks, and the limit is 2; call parts of it as sub-workflows"),
        (Limits(definition_bytes=400), r"it is too large: \d+ bytes as JSON, and the limit is 400"),
    ],
    ids=["tasks", "bytes"],
)
def test_a_definition_over_the_limits_is_refused_at_every_entrance(limits: Limits, words: str) -> None:
    """Where it is registered, where it is started, and where a run carries it to another; the others go on."""
    large = flow(fork("f", [simple("a")]), simple("b"), name="large", description="d" * 500)
    with podium.connect("memory://", limits=limits) as client:
        with pytest.raises(DefinitionError, match=words):
            client.register(large)
        with pytest.raises(DefinitionError, match=words):
            client.start(large)
        assert client.run(flow(task("NOOP", "n"), name="s"), timeout=20).status is RunStatus.COMPLETED
