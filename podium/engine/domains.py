"""
In which domain an attempt waits for its worker.

A domain is a group of workers, such as those of one team or of machines with a GPU: a run says by its
``taskToDomain`` which of them shall do which tasks. Conductor: ``WorkflowExecutorOps.setTaskDomains``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from podium.model.assignments import queue_of
from podium.model.task_types import SYSTEM_TYPES
from podium.model.texts import storable
from podium.model.values import JsonValue

#: The word for workers without a domain.
_NONE = "no_domain"


def domain_of(
    task_type: str, task_to_domain: Mapping[str, JsonValue], is_served: Callable[[str], bool], known: str | None = None
) -> str | None:
    """
    Return the domain of an attempt, None for none.

    Args:
        task_type: Its type, as workers know it.
        task_to_domain: Task types, or ``*`` for all of a worker's, each with a list of domains in a text, divided by
            commas. The first domain that workers serve is taken, else the last; ``NO_DOMAIN`` is none.
        is_served: Whether any process serves a queue.
        known: The domain of the attempt before, for a task that the map does not name.

    Example:
        >>> domain_of("resize", {"*": "gpu, eu ,NO_DOMAIN"}, lambda queue: queue == "eu:resize")
        'eu'
        >>> domain_of("resize", {"*": "gpu", "resize": "cpu,NO_DOMAIN"}, lambda queue: False) is None
        True
    """
    if task_type in SYSTEM_TYPES:
        return None
    given = task_to_domain.get(task_type) or task_to_domain.get("*")
    if not isinstance(given, str) or not given.strip():
        return known
    domains = [domain.strip() for domain in storable(given).split(",")]
    named = (domain for domain in domains if domain.lower() != _NONE)
    last = domains[-1] if domains[-1].lower() != _NONE else None
    return next((domain for domain in named if is_served(queue_of(task_type, domain))), last) or None
