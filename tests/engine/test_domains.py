"""Which workers do a run's tasks: `taskToDomain`."""

from __future__ import annotations

import pytest
from engine_flows import attempt_of, flow, inline, simple, sub

from podium.backends.memory import MemoryBackend
from podium.engine.domains import domain_of
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench, VirtualClock


@pytest.mark.parametrize(
    ("given", "served", "domain"),
    [
        ({"*": "a,b"}, {"b:t"}, "b"),
        ({"*": "a,b"}, {"a:t", "b:t"}, "a"),
        ({"*": "a, b "}, set(), "b"),
        ({"*": "a,NO_DOMAIN"}, {"t"}, None),
        ({"*": "no_domain,a"}, set(), "a"),
        ({"*": "a", "t": "b"}, {"a:t"}, "b"),
        ({"*": "a", "t": ""}, set(), "a"),
        ({"*": " ", "u": "b"}, set(), None),
        ({"t": "NO_DOMAIN"}, set(), None),
    ],
)
def test_the_domain_is_chosen_as_by_conductor(given: dict[str, str], served: set[str], domain: str | None) -> None:
    """The task's own entry before `*`; the first domain that is served, else the last; NO_DOMAIN is none."""
    assert domain_of("t", given, served.__contains__) == domain


def test_a_system_task_has_no_domain_and_another_attempt_keeps_its_own() -> None:
    """Domains are for workers; what the map does not name stays as it was."""
    assert domain_of("HTTP", {"*": "a"}, lambda _: True) is None
    assert domain_of("t", {"u": "a"}, lambda _: True, "before") == "before"


def test_workers_of_a_domain_get_its_tasks_and_no_others() -> None:
    """The attempt shows its domain; workers without one, or of another one, do not see it."""
    bench = Bench()
    plain, gpu, cpu = bench.serve("a"), bench.serve("gpu:a"), bench.serve("cpu:a")
    run_id = bench.start(flow(simple("a"), inline("after", "1")), task_to_domain={"*": "tpu,gpu,NO_DOMAIN"})
    assert (len(plain.waiting), len(gpu.waiting), len(cpu.waiting)) == (0, 1, 0)
    assert gpu.waiting[0].queue == "gpu:a"
    bench.complete(gpu.waiting.popleft())
    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert (attempt_of(run, "a").domain, attempt_of(run, "after").domain) == ("gpu", None)


def test_a_child_inherits_the_domains_of_its_parent() -> None:
    """A sub-workflow's tasks go to the workers that the parent's run named."""
    bench = Bench()
    bench.register(flow(simple("a"), name="child"))
    gpu = bench.serve("gpu:a")
    bench.start(flow(sub("call", "child")), task_to_domain={"a": "gpu"})
    assert len(gpu.waiting) == 1


def test_the_domains_that_other_processes_serve_are_known() -> None:
    """The first domain with a living worker anywhere is chosen, and that worker finds the task."""
    store = MemoryBackend()
    store.is_shared = store.is_durable = True
    clock, dead = VirtualClock(), set[str]()
    starter, helper = (Bench(store, clock=clock, seed=n, name=f"e{n}", dead=dead) for n in (1, 2))
    eu = helper.serve("eu:a")
    helper.advance(1)
    starter.advance(1)
    run_id = starter.start(flow(simple("a")), task_to_domain={"*": "us,eu,asia"})
    helper.advance(1)
    helper.complete(eu.waiting.popleft())
    assert starter.run(run_id).status is RunStatus.COMPLETED

    dead.add("e2")
    starter.advance(2)
    last = starter.start(flow(simple("a")), task_to_domain={"*": "us,eu,asia"})
    assert attempt_of(starter.run(last), "a").domain == "asia"
