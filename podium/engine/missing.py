"""
What a decision needs and was not given.

A decision reads nothing: how the past of a loop looks, what is registered, what a script gives, it can only look up. If
that is not there, it breaks off and says what it needs (`Missing`). Whoever decides fetches it, between two decisions,
and lets it go on at the step that was broken off, or decides the event anew. So each step looks up what it needs
before it changes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

from podium.model.values import JsonValue


class Bodies(NamedTuple):
    """The stored attempts of some places of a run, with a seq above a number."""

    run_id: str
    #: The run as the decision knows it; what is read of another revision is no answer.
    revision: int
    base_refs: frozenset[str]
    after: int


class WholeRun(NamedTuple):
    """Every stored attempt of a run."""

    run_id: str
    revision: int


class Messages(NamedTuple):
    """Some stored messages to a run, with a number above one."""

    run_id: str
    revision: int
    after: int
    limit: int


class Registered(NamedTuple):
    """
    Task definitions by name, workflows and schemas by name and version, registered or not.

    The version 0 of a workflow is its greatest.
    """

    task_defs: frozenset[str] = frozenset()
    workflows: frozenset[tuple[str, int]] = frozenset()
    schemas: frozenset[tuple[str, int]] = frozenset()


class Slots(NamedTuple):
    """The slots of a limit."""

    name: str


class StartKey(NamedTuple):
    """The run that has an idempotency key, and how it stands."""

    name: str
    key: str


class CachedOutput(NamedTuple):
    """The output that is kept under a key."""

    key: str
    now: int


class ScriptCall:
    """
    What a script or a query gives for an input.

    Attributes:
        kind: Whether it is a script, one in Python, or a query.
        source: Its text.
        given: Its input.
        finish: Waits for its result, where it has begun already and takes long.
    """

    __slots__ = ("finish", "given", "kind", "source")

    def __init__(self, kind: ScriptKind, source: str, given: JsonValue) -> None:
        self.kind = kind
        self.source = source
        self.given = given
        self.finish: Callable[[], JsonValue] | None = None


ScriptKind: TypeAlias = Literal["script", "python", "query"]
Need: TypeAlias = Bodies | WholeRun | Messages | Registered | Slots | StartKey | CachedOutput | ScriptCall


class Missing(BaseException):  # no error: it breaks a decision off, and no handler may swallow it
    """
    A decision cannot be made without this.

    Attributes:
        need: What is to be fetched.
    """

    def __init__(self, need: Need) -> None:
        super().__init__(f"a decision lacks {need!r:.200}")
        self.need = need
