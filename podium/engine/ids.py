"""
The ids of runs and of their task attempts.

A run's id is a version 7 UUID whose last 32 bits are zero; an attempt's id is its run's id with the attempt's number in
those bits. So an attempt's id says which run it belongs to, needs no index of its own, and both sort by time of start.
"""

from __future__ import annotations

from podium.model.errors import TaskNotFound

_TAIL = 8
_RANDOM_BITS = 42


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


def task_id(run: str, seq: int) -> str:
    """
    Return the id of the attempt with number *seq* of a run.

    Example:
        >>> task_id("018bcfe5-6800-7000-8000-000700000000", 3)
        '018bcfe5-6800-7000-8000-000700000003'
    """
    return f"{run[:-_TAIL]}{seq:08x}"


def locate(task: str) -> tuple[str, int]:
    """
    Return run id and number of the attempt with this id.

    Raises:
        TaskNotFound: This is not the id of an attempt.

    Example:
        >>> locate("018bcfe5-6800-7000-8000-000700000003")
        ('018bcfe5-6800-7000-8000-000700000000', 3)
    """
    try:
        seq = int(task[-_TAIL:], 16)
    except ValueError:
        seq = 0
    if len(task) != 36 or seq == 0:
        raise TaskNotFound(f"No such task found by id: {task}")
    return f"{task[:-_TAIL]}00000000", seq
