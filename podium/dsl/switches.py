"""
``switch`` and ``when``: one of several cases runs.

Compiles to SWITCH. A reference is compared by its text (Conductor: ``"" + value``, so true is ``"true"`` and a missing
value is ``"null"``), a condition becomes JavaScript that gives ``'true'`` or ``'false'``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, overload

from podium.dsl.arguments import checked_arguments
from podium.dsl.bindings import ScriptInputs, member
from podium.dsl.blocks import Block, BlockNode, Opening
from podium.dsl.expressions import Expression, Script
from podium.dsl.javascript import compile_js
from podium.dsl.refs import Ref, refuse, target_of
from podium.dsl.steps import Step
from podium.dsl.structures import BlockStructure, Steps, as_nodes
from podium.dsl.values import Buildable, prepare, render
from podium.model.definitions import WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import TaskType
from podium.typed import records
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext

R = TypeVar("R")

#: The input parameter of a comparison by value, by default; Conductor's own SDKs use this name.
VALUE = "switchCaseValue"


def label_of(value: object) -> str:
    """
    Return the text that Conductor compares a case with.

    Example:
        >>> label_of(True), label_of(3), label_of(None)
        ('true', '3', 'null')
    """
    if isinstance(value, Enum):
        return label_of(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str | int) and "${" not in str(value):
        return str(value)
    return refuse(f"{value!r} cannot be a case; cases are texts, whole numbers, True, False, None or enum members")


class Switch(BlockStructure):
    """
    A choice between cases.

    Use it as a block, ``with switch("shipping", speed) as shipping:`` with ``shipping.case(...)`` and
    ``shipping.otherwise()`` inside, or give the cases as plain values.
    """

    def __init__(self, name: str, value: object, input_name: str = VALUE) -> None:
        self.check_value(name, value)
        super().__init__(name)
        self.value = value
        self.input_name = input_name
        self.cases: dict[str, Block] = {}
        self.default: Block | None = None
        self._groups: dict[str, tuple[str, ...]] = {}

    @staticmethod
    def check_value(name: str, value: object) -> None:
        """
        Refuse what cannot be compared while the workflow runs.

        Raises:
            AuthoringError: P1, it is a plain Python value.
        """
        if isinstance(value, Buildable):
            refuse(value.__podium_refusal__())
        if isinstance(value, Ref | Expression | Script) or (isinstance(value, str) and "${" in value):
            return
        refuse(
            f"switch {name!r} compares {value!r:.60}, which is a plain Python value: it is the same in every run. "
            "Compare a parameter or an output; 'is' and 'not' give such values, write == and ~",
        )

    def _opening(self) -> Opening[None]:
        """Return what opens the block in which only cases may live."""
        inside = Block(
            f"switch {self.reference_name!r}",
            owner=self,
            refusal=f"a step directly in switch {self.reference_name!r} belongs to no case; "
            "put it into .case(...) or .otherwise()",
        )
        return Opening(inside, None)

    def case(self, *labels: object) -> Opening[None]:
        """
        Open the block of one case.

        Args:
            labels: What the value is compared with. With several, any of them selects the block; the compiled case
                has the first one's name.

        Raises:
            AuthoringError: S2, a case is given twice; S3, the value's ``Literal`` type has no such value.
        """
        return Opening(self._new_case(labels), None)

    def otherwise(self) -> Opening[None]:
        """
        Open the block that runs when no case does.

        Raises:
            AuthoringError: S2, there is one already.
        """
        return Opening(self._new_default(), None)

    def _new_case(self, labels: Sequence[object]) -> Block:
        if not labels:
            refuse(f"case() of switch {self.reference_name!r} needs a value")
        texts = tuple(label_of(label) for label in labels)
        known = {text for group in self._groups.values() for text in group}
        for label, text in zip(labels, texts, strict=True):
            if text in known:
                refuse(f"switch {self.reference_name!r} has the case {text!r} already", code="S2")
            self._check_possible(label)
        if len(texts) > 1 and not isinstance(self.value, Ref):
            refuse("several values in one case need a reference to compare; a condition has True and False only")
        self._groups[texts[0]] = texts
        block = Block(f"case {texts[0]!r} of switch {self.reference_name!r}", owner=self)
        self.cases[texts[0]] = block
        return block

    def _check_possible(self, label: object) -> None:
        if isinstance(self, When) or not isinstance(self.value, Ref):
            return
        possible = records.choices(target_of(self.value).hint)
        if possible is not None and label not in possible:
            refuse(f"{self.value} can only be one of {', '.join(map(repr, possible))}, never {label!r}", code="S3")

    def _new_default(self) -> Block:
        if self.default is not None:
            refuse(f"switch {self.reference_name!r} has an otherwise() already", code="S2")
        self.default = Block(f"otherwise of switch {self.reference_name!r}", owner=self)
        return self.default

    def fill(self, cases: Mapping[Any, Steps], otherwise: Steps | None) -> None:
        """Take the steps of cases given as plain values."""
        for label, steps in cases.items():
            block = self._new_case(label if isinstance(label, tuple) else (label,))
            block.take(as_nodes(steps, block.label))
        if otherwise is not None:
            block = self._new_default()
            block.take(as_nodes(otherwise, block.label))

    def merge(self, *steps: Step[R]) -> Step[R]:
        """
        Return the output of whichever case ran, as one step ``<switch>_merge`` (EXCLUSIVE_JOIN).

        Args:
            steps: One step of each case, in the order in which they are looked at: the first one that was scheduled
                gives its output. A case that ends with `podium.dsl.terminate` needs none.

        Raises:
            AuthoringError: S1, a case (or the missing ``otherwise``) has no step here, so that the merge could wait
                for ever; R3, the steps return different types.
        """
        self._check_merge(steps)
        returns, keys = steps[0].returns, steps[0].output_keys
        for step in steps[1:]:
            if step.output_keys != keys or (Any not in {returns, step.returns} and step.returns != returns):
                refuse(
                    f"merge of switch {self.reference_name!r}: {steps[0].reference_name!r} and "
                    f"{step.reference_name!r} return different types",
                    code="R3",
                )
        return Merge(f"{self.reference_name}_merge", steps, returns=returns, keys=keys)

    def _check_merge(self, steps: Sequence[Step[Any]]) -> None:
        if self.default is None:
            refuse(
                f"merge of switch {self.reference_name!r} needs an otherwise(): "
                "without one it would wait for ever when no case runs",
                code="S1",
            )
        blocks = [*self.cases.values(), self.default]
        for step in steps:
            if not any(block.encloses(step) for block in blocks):
                refuse(f"{step!r} is in no case of switch {self.reference_name!r}", code="S1")
        for block in blocks:
            ends = block.nodes and getattr(block.nodes[-1], "task_type", "") == TaskType.TERMINATE
            if not ends and not any(block.encloses(step) for step in steps):
                refuse(f"merge of switch {self.reference_name!r} has no step of {block.label}", code="S1")

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the SWITCH."""
        if not self.cases:
            message = f"switch {self.reference_name!r} has no case; Conductor refuses it"
            raise AuthoringError(message, code="V1", place=self.written_at)
        build.claim(self.reference_name, self.written_at)
        evaluator, expression, inputs = self._compile_value()
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.SWITCH.value,
            input_parameters=render(inputs),
            evaluator_type=evaluator,
            expression=expression,
            decision_cases={label: block.compile(build) for label, block in self.cases.items()},
            default_case=self.default.compile(build) if self.default is not None else (),
        )
        return (self.with_options(task),)

    def _compile_value(self) -> tuple[str, str, Mapping[str, Authored]]:
        if isinstance(self.value, Script):
            return self.value.language, self.value.text, prepare(self.value.inputs)
        if isinstance(self.value, Expression):
            inputs = ScriptInputs()
            if self.value.__podium_hint__() is bool:
                return "javascript", _asked(self.value, inputs), inputs.values
            return "javascript", compile_js(self.value, inputs), inputs.values
        groups = [group for group in self._groups.values() if len(group) > 1]
        if not groups:
            return "value-param", self.input_name, {self.input_name: self.value}
        return "javascript", _grouped(groups, self.input_name), {self.input_name: self.value}


def _grouped(groups: Sequence[tuple[str, ...]], input_name: str) -> str:
    """Write the JavaScript that gives the first label of a group for all of its labels."""
    value = f"String({member(input_name)})"
    pieces = [f"{compile_js(list(group), str)}.includes({value}) ? {compile_js(group[0], str)} : " for group in groups]
    return "".join(pieces) + value


def _asked(condition: object, inputs: ScriptInputs) -> str:
    return f"{compile_js(condition, inputs, rank=1)} ? 'true' : 'false'"


class Merge(Step[R]):
    """The EXCLUSIVE_JOIN behind a switch."""

    def __init__(
        self,
        reference_name: str,
        steps: Sequence[Step[R]],
        *,
        returns: records.Hint,
        keys: tuple[str, ...],
        default: Sequence[BlockNode | str] = (),
    ) -> None:
        super().__init__(reference_name, type=TaskType.EXCLUSIVE_JOIN.value, returns=returns, keys=keys)
        self.merged: tuple[BlockNode | str, ...] = tuple(steps)
        self.fallback: tuple[BlockNode | str, ...] = tuple(default)

    def compiled_fields(self, build: CompileContext) -> dict[str, Authored]:
        """Return the names to look at."""
        fields = super().compiled_fields(build)
        fields["join_on"] = names_of(self.merged)
        if self.fallback:
            fields["default_exclusive_join_task"] = names_of(self.fallback)
        return fields


def names_of(steps: Sequence[BlockNode | str]) -> tuple[str, ...]:
    """Return reference names of steps that may also be given by name."""
    for step in steps:
        if not isinstance(step, str) and not hasattr(step, "reference_name"):
            refuse(f"a step or its reference name is expected, not {step!r:.60}")
    return tuple(step if isinstance(step, str) else step.reference_name for step in steps)


class When(Switch):
    """
    Steps that run only if a condition holds.

    ``with when("large", amount > 1000):`` opens the block itself; ``with large.otherwise():`` behind it is optional.
    """

    def __init__(self, name: str, condition: object) -> None:
        super().__init__(name, condition)

    def _compile_value(self) -> tuple[str, str, Mapping[str, Authored]]:
        if isinstance(self.value, Script):
            return super()._compile_value()
        inputs = ScriptInputs()
        return "javascript", _asked(self.value, inputs), inputs.values

    def _opening(self) -> Opening[None]:
        """Return what opens the block that runs if the condition holds."""
        return self.case("true")


@checked_arguments
def switch(
    name: str,
    value: object,
    cases: Mapping[Any, Steps] | None = None,
    *,
    otherwise: Steps | None = None,
    input_name: str = VALUE,
) -> Switch:
    """
    Choose between cases by a value (SWITCH).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        value: A parameter or output to compare, a condition (cases ``True`` and ``False``), or ``js("...")`` that gives
            the case.
        cases: Case to steps, when it is not used as a block; a tuple of cases shares its steps.
        otherwise: The steps when no case fits.
        input_name: What a compared reference is called among the step's inputs.

    Raises:
        AuthoringError: P1, *value* is no reference; S2 or S3, a case is wrong; N1, a step has its place elsewhere.

    Example:
        ``switch("shipping", speed, {"EXPRESS": [fast]}, otherwise=[slow]).merge(fast, slow)``
    """
    made = Switch(name, value, input_name)
    made.fill(cases or {}, otherwise)
    return made


@checked_arguments
def when(name: str, condition: object, steps: Steps | None = None, *, otherwise: Steps | None = None) -> When:
    """
    Run steps only if a condition holds (SWITCH).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        condition: Made with Python's comparison operators and ``& | ~``, or a reference that is true as JavaScript
            sees it, or ``js("...")`` that gives ``'true'``.
        steps: The steps, when it is not used as a block.
        otherwise: The steps when it does not hold.

    Example:
        ``when("large", amount > 1000, [wait("cool_off", duration="14 days")])``
    """
    made = When(name, condition)
    made.fill({} if steps is None else {True: steps}, otherwise)
    return made


@overload
def exclusive_join(
    name: str, on: Sequence[Step[R]], *, default: Sequence[Step[R]] = (), returns: None = None
) -> Step[R]: ...
@overload
def exclusive_join(
    name: str, on: Sequence[BlockNode | str], *, default: Sequence[BlockNode | str] = (), returns: type[R]
) -> Step[R]: ...
@overload
def exclusive_join(
    name: str, on: Sequence[BlockNode | str], *, default: Sequence[BlockNode | str] = (), returns: None = None
) -> Step[Any]: ...
@checked_arguments
def exclusive_join(
    name: str,
    on: Sequence[BlockNode | str],
    *,
    default: Sequence[BlockNode | str] = (),
    returns: Any = None,
) -> Any:
    """
    Return the output of the first of several steps that was scheduled (EXCLUSIVE_JOIN); `Switch.merge` writes this.

    Run by: Podium, Conductor.

    Args:
        name: The reference name.
        on: The steps, or their reference names, in the order in which they are looked at.
        default: Steps to look at when none of *on* has finished.
        returns: The type of the output; by default that of the steps, if they are given themselves and agree.
    """
    names_of((*on, *default))  # which refuses what is no step
    hint, keys = _merged(on, default) if returns is None else (returns, records.output_keys(returns))
    merge: Merge[Any] = Merge(name, (), returns=hint, keys=keys, default=default)
    merge.merged = tuple(on)
    return merge


def _merged(*steps: Sequence[BlockNode | str]) -> tuple[records.Hint, tuple[str, ...]]:
    """Return the type of several steps' outputs and where it lies; ``Any`` if they differ or one is only a name."""
    every = [each for some in steps for each in some]
    if not every or not all(isinstance(each, Step) for each in every):
        return Any, ("output",)
    first, *others = (each for each in every if isinstance(each, Step))
    is_one = all(other.output_keys == first.output_keys and other.returns == first.returns for other in others)
    return (first.returns, first.output_keys) if is_one else (Any, ("output",))
