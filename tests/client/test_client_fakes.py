"""Fakes of ``run(workers=[...])``: each replaces the task of its name, and no other."""

from __future__ import annotations

import pytest

from podium import call_task, load, task, workflow
from podium.model.errors import InvalidRequest
from podium.testing import simulate


@task
def charge(amount: int) -> str:
    """Take the money."""
    raise AssertionError("nobody pays in tests")


@task
def mail(text: str) -> str:
    """Tell somebody."""
    return f"told {text}"


@workflow
def order(amount: int) -> str:
    """Charge, then tell."""
    return mail(charge(amount).output).output


def fake_charge(amount: int) -> str:
    """Take no money."""
    return f"fake {amount}"


def test_a_fake_replaces_the_task_of_its_name_only() -> None:
    """The other tasks are served as they are; also in workflows that are called."""

    @workflow
    def outer(amount: int) -> str:
        return order(amount).output

    fake = task(fake_charge, name="charge")
    assert order.run(workers=[fake], amount=3, timeout=10).output == {"result": "told fake 3"}
    assert outer.run(workers=[fake], amount=4, timeout=10).output == {"result": "told fake 4"}


def test_workers_of_names_are_served_beside() -> None:
    """A task that is called by nothing but its name, and all of a loaded workflow."""

    @workflow
    def legacy(amount: int) -> str:
        return mail(call_task("paid", "till", amount=amount, returns=str).output).output

    till = task(fake_charge, name="till")
    assert legacy.run(workers=[till], amount=3, timeout=10).output == {"result": "told fake 3"}
    assert load(legacy.to_json()).run(workers=[till, mail], amount=3, timeout=10).output == {"result": "told fake 3"}


def test_a_fake_that_would_replace_nothing_is_refused() -> None:
    """A misspelt name would let the real task run."""
    with pytest.raises(InvalidRequest, match="'charg' is no task of workflow 'order'; did you mean 'charge'"):
        order.run(workers=[task(fake_charge, name="charg")], amount=3)
    with pytest.raises(InvalidRequest, match="workers= takes tasks"):
        order.run(workers=[fake_charge], amount=3)  # type: ignore[list-item]  # the mistake


@task(name="old_worker", retries=1, retry_delay="1ms")
def old_worker() -> None:
    """Never get anywhere."""
    raise ValueError("no luck")


@pytest.mark.parametrize("made", ["a call by name", "loaded"])
def test_the_settings_of_a_worker_count_where_nobody_else_gives_some(made: str) -> None:
    """Conductor's three retries a minute apart would be a surprise; a simulation does the same."""

    @workflow
    def calls() -> None:
        call_task("step", "old_worker")

    subject = calls if made == "a call by name" else load(calls.to_json())

    assert len(subject.run(workers=[old_worker]).tasks) == 2
    assert len(simulate(subject, workers=[old_worker]).tasks) == 2


def test_a_fake_is_retried_as_what_it_replaces() -> None:
    """The definition is the workflow's."""

    @task(retries=2, retry_delay="1ms")
    def tried() -> None: ...

    @workflow
    def trying() -> None:
        tried()

    fake = task(old_worker.fn, name="tried")

    assert len(trying.run(workers=[fake]).tasks) == 3
    assert len(simulate(trying, workers=[fake]).tasks) == 3
