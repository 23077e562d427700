"""The table of what can be done to a run from its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import frozen

from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus
from podium.server.errors import Refusal
from podium.server.roles import Role
from podium.server.web import run_moves, run_plans
from podium.server.web.run_verbs import Verb

if TYPE_CHECKING:
    from podium.server.web.visits import Visit


@frozen
class VerbButton:
    """A button for a verb."""

    key: str
    label: str
    is_bad: bool = False
    #: Few need it: it stands behind the others.
    is_rare: bool = False


def offers(visit: Visit, run: WorkflowRun) -> tuple[VerbButton, ...]:
    """Return what who asks may do to a run as it stands."""
    if not visit.user.may(Role.EDITOR):
        return ()
    fitting = ((key, verb) for key, verb in VERBS.items() if run.status in verb.when)
    return tuple(VerbButton(key, verb.label, key in _BAD, key in _RARE) for key, verb in fitting)


def verb_of(key: str) -> Verb:
    """
    Return a verb by its key.

    Raises:
        Refusal: 404, there is none.
    """
    verb = VERBS.get(key)
    if verb is None:
        raise Refusal(404, f"nothing is called {key}; there are {', '.join(VERBS)}")
    return verb


_FAILED = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.TERMINATED})
_ENDED = _FAILED | {RunStatus.COMPLETED}
_RUNNING = frozenset({RunStatus.RUNNING})
_LIVE = frozenset({RunStatus.RUNNING, RunStatus.PAUSED})

#: What can be done to a run, in the order of the buttons.
VERBS: Mapping[str, Verb] = {
    "pause": Verb(label="Pause", when=_RUNNING, plan=run_plans.plan_pause, do=run_plans.pause),
    "resume": Verb(label="Resume", when=frozenset({RunStatus.PAUSED}), plan=run_plans.plan_resume, do=run_plans.resume),
    "retry": Verb(label="Retry", when=_FAILED, plan=run_plans.plan_retry, do=run_plans.retry),
    "rerun": Verb(label="Rerun from…", when=_ENDED, plan=run_plans.plan_rerun, do=run_plans.rerun),
    "restart": Verb(label="Restart", when=_ENDED, plan=run_plans.plan_restart, do=run_plans.restart),
    "skip": Verb(label="Skip a task…", when=_RUNNING, plan=run_plans.plan_skip, do=run_plans.skip),
    "jump": Verb(label="Jump to…", when=_RUNNING, plan=run_moves.plan_jump, do=run_moves.jump),
    "upgrade": Verb(label="Change version…", when=_LIVE, plan=run_moves.plan_upgrade, do=run_moves.upgrade),
    "hurry": Verb(label="Skip delays", when=_RUNNING, plan=run_plans.plan_hurry, do=run_plans.hurry),
    "terminate": Verb(label="Terminate", when=_LIVE, plan=run_plans.plan_terminate, do=run_plans.terminate),
    "delete": Verb(label="Delete", when=_ENDED, plan=run_plans.plan_delete, do=run_plans.delete),
}
_BAD, _RARE = frozenset({"terminate", "delete"}), frozenset({"skip", "jump", "upgrade", "hurry"})
