"""
How a script reads references: as ``$.name``, with an input parameter of that name.

Conductor does not replace ``${…}`` in scripts of SWITCH and DO_WHILE, so every reference in a condition becomes an
input parameter. Inside a loop's condition the loop itself and the steps of its body are bound by their own names
(Conductor: ``DoWhile.java``), so those need none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from podium.dsl.refs import Ref, target_of
from podium.typed.authored import Authored

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def member(name: str) -> str:
    """Return the JavaScript that reads one input."""
    return f"$.{name}" if _IDENTIFIER.fullmatch(name) else f"${_bracket(name)}"


def _bracket(key: str | int) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    return "['" + key.replace("\\", "\\\\").replace("'", "\\'") + "']"


class ScriptInputs:
    """
    Gives each reference of a script an input parameter.

    The name is taken from the reference: ``${workflow.input.amount}`` is ``$.amount``, ``${fraud.output.score}`` is
    ``$.fraud_score``; where two references would share a name, the later one gets its full path.

    Attributes:
        values: Input parameter to reference, in the order met.
    """

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.values: dict[str, Authored] = {}
        self._taken = set(taken)
        self._names: dict[str, str] = {}

    def __call__(self, operand: Authored) -> str:
        """Return the JavaScript that reads *operand*."""
        text = str(operand)
        if text not in self._names:
            name = self._choose(operand)
            self._names[text] = name
            self._taken.add(name)
            self.values[name] = operand
        return member(self._names[text])

    def _choose(self, operand: Authored) -> str:
        path = _plain_path(operand)
        short = _as_name(_shortened(path))
        if short not in self._taken:
            return short
        name = _as_name(path)
        while name in self._taken:
            name += "_"
        return name


def _plain_path(operand: Authored) -> str:
    if isinstance(operand, Ref):
        return target_of(operand).path()
    return str(operand).replace("${", "").replace("}", "")


def _shortened(path: str) -> str:
    for root in ("workflow.input.", "workflow.variables."):
        if path.startswith(root):
            return path[len(root) :]
    head, _, rest = path.partition(".output")
    return f"{head}.{rest.removeprefix('.result')}"


def _as_name(path: str) -> str:
    name = "_".join(re.findall(r"[A-Za-z0-9_]+", path)) or "value"
    return f"_{name}" if name[0].isdigit() else name


class LoopInputs(ScriptInputs):
    """
    As `ScriptInputs`, for the condition of a loop.

    What is missing is null, as it is in ``${…}``: a script would fail on the members of a step that has not run, or of
    a key that is not there, so those are read with ``?.``.

    Args:
        loop: The loop's reference name.
        body: Reference names of all steps in its body.
        always: Those among them that have run whenever the condition is looked at, so not those of a switch's case.
    """

    def __init__(self, loop: str, body: Collection[str], always: Collection[str] = ()) -> None:
        self._own = {loop, *body}
        self._always = {loop, *always}
        super().__init__({*self._own, "loopIndex", "loopItem"})

    def __call__(self, operand: Authored) -> str:
        """Return the JavaScript that reads *operand*."""
        if isinstance(operand, Ref):
            target = target_of(operand)
            if not isinstance(target.root, str) and target.keys[:1] == ("output",):
                name = target.root.settled_name()
                if name in self._own:
                    return member(name) + self._members(name, target.keys[1:])
        return super().__call__(operand)

    def _members(self, name: str, keys: Sequence[str | int]) -> str:
        pieces = [_bracket(key) if not _is_from_end(key) else f".at({key})" for key in keys]
        is_safe = name in self._always  # a step that has run has an output, if only an empty one
        return "".join(pieces[:is_safe]) + "".join(f"?.{piece.removeprefix('.')}" for piece in pieces[is_safe:])


def _is_from_end(key: str | int) -> bool:
    """Return whether ``${…}`` counts this position from the end of a list; JavaScript's brackets know none."""
    return isinstance(key, int) and key < 0
