from __future__ import annotations

from engine_flows import Crew, attempt_of, flow, task

from podium.model.definitions import TaskDef
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench

PICK = flow(
    task(
        "DYNAMIC",
        "pick",
        name="picker",
        dynamic_task_name_param="which",
        inputs={"which": "${workflow.input.which}", "n": "${workflow.input.n}", "expression": "$.n * 2"},
    ),
)


def test_the_name_chooses_the_worker(bench: Bench) -> None:
    """Type and definition name of the attempt are the resolved name; the inputs go along."""
    run_id = bench.start(PICK, {"which": "send_fax", "n": 1})
    crew = Crew(bench, "send_fax")
    assert crew.complete("pick", {"sent": True}).input["n"] == 1
    record = attempt_of(bench.run(run_id), "pick")
    assert (record.task_type, record.task_def_name) == ("send_fax", "send_fax")
    assert bench.run(run_id).output == {"sent": True}


def test_a_system_tasks_name_runs_the_system_task(bench: Bench) -> None:
    """INLINE, for one."""
    run = bench.run(bench.start(PICK, {"which": "INLINE", "n": 21}))
    assert run.output == {"result": 42}
    assert attempt_of(run, "pick").task_type == "INLINE"


def test_a_wait_by_name(bench: Bench) -> None:
    """Also those that take time."""
    definition = flow(task("DYNAMIC", "pick", dynamic_task_name_param="w", inputs={"w": "WAIT", "duration": "5s"}))
    run_id = bench.start(definition)
    bench.advance(5)
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_without_a_name_the_run_ends(bench: Bench) -> None:
    """FAILED, with Conductor's words."""
    run = bench.run(bench.start(PICK, {"n": 1}))
    assert run.status is RunStatus.FAILED
    assert run.reason == (
        "Cannot map a dynamic task based on the parameter and input. "
        "Parameter= which, input= {which=null, n=1, expression=$.n * 2}"
    )


def test_a_structures_name_ends_the_run(bench: Bench) -> None:
    """A SWITCH, a fork or a sub-workflow is more than a name; as a worker's task it would wait for ever."""
    for name in ("SWITCH", "DO_WHILE", "FORK_JOIN", "JOIN", "SUB_WORKFLOW", "TERMINATE", "DYNAMIC"):
        run = bench.run(bench.start(PICK, {"which": name}))
        assert run.status is RunStatus.FAILED
        assert run.reason == (
            f"Cannot map a dynamic task: {name} stands in a definition with what belongs to it; "
            "name a worker's task, or one such as HTTP"
        )


def test_without_a_parameter_the_run_ends(bench: Bench) -> None:
    """In the words of JSON."""
    run = bench.run(bench.start(flow(task("DYNAMIC", "pick"))))
    assert run.reason == ("Cannot map a dynamic task based on the parameter and input. Parameter= null, input= {}")


def test_the_definition_of_the_place_governs_not_the_targets(bench: Bench) -> None:
    """Retries are those registered under the DYNAMIC task's own name; nobody's are none."""
    bench.register(TaskDef(name="send_fax", retry_count=5, retry_delay_seconds=1))
    run_id = bench.start(PICK, {"which": "send_fax"})
    crew = Crew(bench, "send_fax")
    crew.fail("pick")
    assert bench.run(run_id).status is RunStatus.FAILED
    bench.register(TaskDef(name="picker", retry_count=1, retry_delay_seconds=1))
    run_id = bench.start(PICK, {"which": "send_fax"})
    crew.fail("pick")
    bench.advance(1)
    crew.complete("pick")
    assert bench.run(run_id).status is RunStatus.COMPLETED
