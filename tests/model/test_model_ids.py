from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.engine import ids
from podium.model.errors import TaskNotFound

MOMENTS = st.integers(0, 2**48 - 1)
BITS = st.integers(0, 2**42 - 1)


@given(MOMENTS, BITS, st.integers(1, 2**32 - 1))
def test_an_attempts_id_says_which_run_and_number(moment: int, bits: int, seq: int) -> None:
    """Both are UUIDs of version 7."""
    run = ids.run_id(moment, bits)
    task = ids.task_id(run, seq)
    assert ids.locate(task) == (run, seq)
    assert UUID(run).version == UUID(task).version == 7
    assert UUID(run).variant == UUID(task).variant


@given(MOMENTS, MOMENTS, BITS, BITS)
def test_ids_sort_by_time(one: int, other: int, bits: int, more: int) -> None:
    """As text; within a millisecond the random bits decide."""
    first, second = ids.run_id(one, bits), ids.run_id(other, more)
    assert (first < second) == ((one, bits) < (other, more))


@given(BITS, st.integers(1, 2**32 - 2))
def test_attempts_sort_by_number_and_after_their_run(bits: int, seq: int) -> None:
    """As text."""
    run = ids.run_id(5, bits)
    assert run < ids.task_id(run, seq) < ids.task_id(run, seq + 1)


@given(st.uuids(), st.integers(1, 2**32 - 1))
def test_a_run_may_have_any_uuid(run: UUID, seq: int) -> None:
    """Its attempts say which run they belong to all the same."""
    assert ids.locate(ids.task_id(str(run), seq)) == (str(run), seq)


@pytest.mark.parametrize(
    ("retries", "digits"), [(0, "b529a951-8d45-3f6e-ba2a-22482db06a0b"), (1, "5997f2ec-f0fc-3ef2-846d-214d3d66694c")]
)
def test_the_id_of_a_child_is_conductors(retries: int, digits: str) -> None:
    """What ``UUID.nameUUIDFromBytes`` of Java gives for the text that ``IDGenerator`` makes."""
    parent = "018bcfe5-6800-7000-8000-000700000000"
    assert ids.child_id(parent, ids.task_id(parent, 3), retries) == digits


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "not-a-task", "1" * 40, "1" * 45),
        *("018bcfe5-6800-7000-8000-000700000000", "018bcfe5-6800-7000-8000-00070000000g"),
        *("b529a951-8d45-3f6e-ba2a-22482db06a0b-00000000", "b529a951-8d45-3f6e-ba2a-22482db06a0b-x"),
    ],
)
def test_what_is_no_attempts_id_is_refused(text: str) -> None:
    """Also a run's own id."""
    with pytest.raises(TaskNotFound, match="No such task found by id"):
        ids.locate(text)
