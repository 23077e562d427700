"""
The ids of runs and of their task attempts.

A run's id is a version 7 UUID whose last 32 bits are zero; an attempt's id is its run's id with the attempt's number in
those bits. So an attempt's id says which run it belongs to, needs no index of its own, and both sort by time of start.

A run may have another UUID as its id too, as `child_id` makes one: its attempts have that and their number behind it.
"""

from __future__ import annotations

from hashlib import md5
from uuid import UUID

from podium.model.errors import TaskNotFound

_TAIL = 8
_RANDOM_BITS = 42
_LENGTH = 36
#: The last digits of the id of a run whose attempts have their numbers there.
_ROOM = "0" * _TAIL


def run_id(epoch_ms: int, random_bits: int) -> str:
    """
    Make the id of a run.

    Args:
        epoch_ms: When the run starts, in epoch milliseconds.
        random_bits: A random number of 42 bits.

    Example:
        >>> run_id(1_700_000_000_000, 7)
        '018bcfe5-6800-7000-8000-000700000000'
    """
    high, low = divmod(random_bits & ((1 << _RANDOM_BITS) - 1), 1 << 30)
    value = (epoch_ms & ((1 << 48) - 1)) << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low << 32
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def child_id(parent: str, parent_task: str, retry_count: int) -> str:
    """
    Return the id that Conductor's own generator gives a sub-workflow: a version 3 UUID of the attempt that calls it.

    Conductor: ``IDGenerator.generateSubWorkflowId``.

    Args:
        parent: The id of the run that calls.
        parent_task: The id of its SUB_WORKFLOW attempt.
        retry_count: How many attempts of the place were before this one.

    Example:
        >>> child_id("018bcfe5-6800-7000-8000-000700000000", "018bcfe5-6800-7000-8000-000700000003", 0)
        'b529a951-8d45-3f6e-ba2a-22482db06a0b'
    """
    digest = md5(f"subworkflow:{parent}:{parent_task}:{retry_count}".encode(), usedforsecurity=False).digest()
    return str(UUID(bytes=digest, version=3))


def task_id(run: str, seq: int) -> str:
    """
    Return the id of the attempt with number *seq* of a run.

    Example:
        >>> task_id("018bcfe5-6800-7000-8000-000700000000", 3)
        '018bcfe5-6800-7000-8000-000700000003'
        >>> task_id("9b0c7d4e-5f1a-3c2b-8d6e-7f8091a2b3c4", 3)
        '9b0c7d4e-5f1a-3c2b-8d6e-7f8091a2b3c4-00000003'
    """
    return f"{run[:-_TAIL]}{seq:08x}" if run.endswith(_ROOM) else f"{run}-{seq:08x}"


def locate(task: str) -> tuple[str, int]:
    """
    Return run id and number of the attempt with this id.

    Raises:
        TaskNotFound: This is not the id of an attempt.

    Example:
        >>> locate("018bcfe5-6800-7000-8000-000700000003")
        ('018bcfe5-6800-7000-8000-000700000000', 3)
    """
    run, digits = f"{task[:-_TAIL]}{_ROOM}", task[-_TAIL:]
    if len(task) == _LENGTH + 1 + _TAIL and task[_LENGTH] == "-":
        run = task[:_LENGTH]
    try:
        seq = int(digits, 16)
    except ValueError:
        seq = 0
    if len(run) != _LENGTH or seq == 0:
        raise TaskNotFound(f"No such task found by id: {task}")
    return run, seq
