"""What a verb for a run is: how it says what it would do, what it asks, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from podium.model.errors import InvalidRequest
from podium.model.json_text import parse
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus

if TYPE_CHECKING:
    from podium.server.web.visits import Fields, Visit

#: Most names in one sentence, and most tasks of one choice.
_NAMED_MAX, CHOICES_MAX = 8, 500


@frozen(kw_only=True)
class DialogField:
    """
    A field of a dialog.

    Attributes:
        name: Of the field.
        label: What it is.
        kind: ``text``, ``json``, ``box`` or ``choice``.
        value: What stands in it; of a box, whether it is ticked.
        choices: Value and words of each choice.
        reloads: The dialog says anew what would be done when another one is chosen.
        hint: What else is to be known.
    """

    name: str
    label: str
    kind: str = "text"
    value: Any = ""
    choices: Sequence[tuple[str, str]] = ()
    reloads: bool = False
    hint: str = ""


@frozen(kw_only=True)
class VerbPlan:
    """
    What a verb would do to a run.

    Attributes:
        tells: Sentences: what will be done, and what will not.
        asks: Fields.
        is_bad: What is lost cannot be had back.
    """

    tells: Sequence[str]
    asks: Sequence[DialogField] = ()
    is_bad: bool = False


@frozen(kw_only=True)
class Verb:
    """
    Something that can be done to a run.

    Attributes:
        label: Of its button.
        when: The statuses of runs that can be asked for it.
        plan: Says what it would do, to a run with its attempts, by what has been chosen so far.
        do: Does it; gives the sentence that says so.
    """

    label: str
    when: frozenset[RunStatus]
    plan: Callable[[Visit, WorkflowRun, Fields], VerbPlan]
    do: Callable[[Visit, str, Fields], str]


def named(names: Sequence[str]) -> str:
    """
    Return names as a list of words.

    Example:
        >>> named(["a", "b"])
        'a, b'
    """
    more = len(names) - _NAMED_MAX
    return ", ".join(names[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def json_field(form: Fields, name: str) -> Mapping[str, object] | None:
    """
    Return the JSON object of a field; None for an empty one.

    Raises:
        InvalidRequest: It is no JSON object.
    """
    text = form.raw(name).strip()
    if not text:
        return None
    try:
        found = parse(text)
    except ValueError as error:
        raise InvalidRequest(f"{name.replace('_', ' ')}: this is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidRequest(f'{name.replace("_", " ")}: a JSON object is expected, such as {{"amount": 5}}')
    return found


def counted(number: int, what: str) -> str:
    """
    Return a number with what it counts.

    Example:
        >>> counted(2, "run")
        '2 runs'
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def live_of(run: WorkflowRun) -> list[TaskRun]:
    """Return the attempts of a run that have not ended."""
    return [each for each in run.tasks if not each.status.is_terminal]
