"""How large random workflows are, and what their workers say."""

from __future__ import annotations

import zlib

from attrs import evolve, frozen

from podium.model.values import JsonValue

#: The names of worker tasks. The first three have registered task definitions.
WORKERS = ("w0", "w1", "w2", "w3")

#: The queues of all tasks that somebody outside the engine does: unknown types and requests have their type's.
QUEUES = (*WORKERS, "SEND_FAX", "HTTP", "HTTP_POLL", "JDBC", "KAFKA_PUBLISH", "GET_WORKFLOW")

#: Types that wait for somebody's word, which comes as an update of the task.
PEOPLE = ("HUMAN", "YIELD", "WAIT_FOR_WEBHOOK")

#: What starts of generated definitions are given.
RUN_INPUT: dict[str, JsonValue] = {"n": 2, "case": "A", "items": [{"n": 1}, {"n": 2}], "none": []}


@frozen(kw_only=True)
class Shape:
    """How large generated definitions may be, and how mean."""

    #: Places in one workflow, about; joins and tails come on top.
    tasks_max: int = 14
    #: How deep structures stand in one another.
    depth_max: int = 3
    #: Nothing ends a run early: if its workers complete everything, it completes, whatever their order.
    is_gentle: bool = False
    #: Somebody sends messages, so tasks may wait for one.
    has_messages: bool = False

    @property
    def small(self) -> Shape:
        """The same for a workflow that another one calls."""
        return evolve(self, tasks_max=4, depth_max=1)


def worker_output(ref: str) -> dict[str, JsonValue]:
    """
    Return what a worker answers for an attempt; it depends on the place and its iterations only.

    Example:
        >>> worker_output("a") == worker_output("a")
        True
    """
    draw = zlib.crc32(ref.encode())
    return {
        "n": draw % 4,
        "case": "ABC"[draw // 4 % 3],
        "items": [{"n": number} for number in range(draw // 12 % 4)],
        "ref": ref,
    }
