"""The schedules that an author gives a workflow: ``@workflow(schedule="0 6 1 * *")``."""

from __future__ import annotations

from collections.abc import Sequence

from podium.dsl.refs import refuse
from podium.model.errors import InvalidRequest
from podium.model.schedules import Schedule
from podium.model.texts import shown
from podium.typed.authored import Authored


def schedules_of(workflow: str, given: Authored) -> tuple[Schedule, ...]:
    """
    Return the schedules of a workflow, with both their names.

    Raises:
        AuthoringError: P1, one of them cannot be, or two have one name.
    """
    try:
        found = [one if isinstance(one, Schedule) else Schedule(one) for one in _listed(given)]
        named = [one.named(workflow) for one in found]
    except InvalidRequest as error:
        refuse(f"schedule: {error}")
    for one in named:
        if one.workflow != workflow:
            refuse(f"schedule: it starts {one.workflow!r}, and stands at {workflow!r}; leave its workflow out")
        if sum(other.name == one.name for other in named) > 1:
            refuse(f"schedule: two are called {one.name!r}; write Schedule('0 0 1 * *', name='...')")
    return tuple(named)


def _listed(given: Authored) -> Sequence[Authored]:
    if isinstance(given, str | Schedule):
        return [given]
    if not isinstance(given, Sequence):
        refuse(f"schedule={shown(given)}: a cron expression, a Schedule, or a list of them is expected")
    return given
