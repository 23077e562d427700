"""
``loop`` and ``for_each``: steps that run again and again.

Both compile to DO_WHILE: the body runs first, the condition is looked at after each iteration (``for_each`` over an
empty list does not run at all). After the loop, a reference to a step of the body means its last iteration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from podium.dsl.arguments import checked_arguments
from podium.dsl.bindings import LoopInputs
from podium.dsl.blocks import Block, Opening
from podium.dsl.expressions import Expression, Script
from podium.dsl.javascript import compile_js
from podium.dsl.refs import Ref, Target, refuse, target_of
from podium.dsl.steps import Step
from podium.dsl.structures import BlockStructure, Steps, as_nodes
from podium.dsl.values import prepare, prepare_items, render
from podium.model.definitions import WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import TaskType
from podium.model.walk import walk
from podium.typed import records
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext

R = TypeVar("R")
T = TypeVar("T")


class Loop(BlockStructure):
    """
    Steps that run until a condition holds.

    Use it as a block, ``with loop("poll", max_iterations=30) as poll:`` with ``poll.until(...)`` inside, or give the
    body as plain values.
    """

    def __init__(
        self,
        name: str,
        *,
        max_iterations: int | None = None,
        while_: object = None,
        keep_last: int | None = None,
    ) -> None:
        super().__init__(name)
        self.body: Block = Block(f"loop {name!r}", owner=self)
        self.max_iterations = max_iterations
        self.keep_last = keep_last
        self.stops: list[Expression | Ref | Script] = []
        self.continues: Expression | Ref | Script | None = None
        if while_ is not None:
            self.continues = _condition(while_, "while_")
        self._check_limit()

    def _check_limit(self) -> None:
        limit = self.max_iterations
        if isinstance(limit, int) and (limit < 1 or isinstance(limit, bool)):
            refuse(f"max_iterations={limit!r} of loop {self.reference_name!r} must be at least 1", code="L1")
        if limit is not None and isinstance(self.continues, Script):
            refuse(
                f"loop {self.reference_name!r} has a script as its condition, which stands as it is; "
                "put the limit into the script",
                code="L1",
            )

    @property
    def iteration(self) -> int:
        """The number of the running iteration, from 1; after the loop, how many there were."""
        return cast("int", Ref(Target(self, ("output", "iteration"), int)))

    @property
    def output(self) -> Any:
        """The outputs of all iterations: ``output['2'].step`` is what *step* returned in the second one."""
        return Ref(Target(self, ("output",)))

    def until(self, condition: object) -> None:
        """
        Say when to stop; with several, any of them stops the loop.

        Args:
            condition: Looked at after each iteration; it may use outputs of the body's steps.

        Raises:
            AuthoringError: P1, it is no condition.
        """
        self.stops.append(_condition(condition, "until"))

    def at(self, iteration: int, step: Step[R]) -> R:
        """
        Return what a step of the body returned in one iteration.

        Args:
            iteration: Its number, from 1.
            step: A step of the body.

        Raises:
            AuthoringError: R1, the step is not in the body; P1, there is no such iteration.
        """
        if isinstance(iteration, int) and iteration < 1:
            refuse(f"at({iteration}, …) of loop {self.reference_name!r}: iterations are counted from 1")
        if not self.body.encloses(step):
            refuse(f"{step!r} is not in loop {self.reference_name!r}", code="R1")
        keys = ("output", str(iteration), step.settled_name(), *step.output_keys[1:])
        return cast("R", Ref(Target(self, keys, step.returns)))

    def _opening(self) -> Opening[None]:
        """Return what opens the body."""
        return Opening(self.body, None)

    def fill(self, steps: Steps) -> None:
        """Take the body's steps given as plain values."""
        self.body.take(as_nodes(steps, self.body.label))

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the DO_WHILE."""
        if not self.body.nodes:
            message = f"loop {self.reference_name!r} has no steps; Conductor refuses it"
            raise AuthoringError(message, code="V1", place=self.written_at)
        build.claim(self.reference_name, self.written_at)
        body = self.body.compile(build)
        names = [visit.task.task_reference_name for visit in walk(body)]
        inputs = LoopInputs(self.reference_name, names, [task.task_reference_name for task in body])
        condition = self.compiled_condition(inputs)
        own = {} if self.keep_last is None else {"keepLastN": self.keep_last}
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.DO_WHILE.value,
            input_parameters=render(self.own_inputs() | inputs.values | self._script_inputs() | own),
            loop_condition=condition,
            loop_over=body,
            items=self.items_text(),
            evaluator_type=self._evaluator(),
        )
        return (self.with_options(task),)

    def own_inputs(self) -> dict[str, Authored]:
        """Return the inputs that the loop itself needs."""
        return {}

    def items_text(self) -> str | None:
        """Return the expression of the list to go through, if any."""
        return None

    def _evaluator(self) -> str | None:
        """Return the language of a script if its author names one; Conductor takes JavaScript in any case."""
        script = self.continues if isinstance(self.continues, Script) else None
        return script.language if script is not None and script.language != "javascript" else None

    def _script_inputs(self) -> dict[str, Authored]:
        scripts = [condition for condition in (*self.stops, self.continues) if isinstance(condition, Script)]
        return {name: value for script in scripts for name, value in prepare(script.inputs).items()}

    def compiled_condition(self, inputs: LoopInputs) -> str:
        """
        Return the JavaScript that says whether to go on.

        Raises:
            AuthoringError: L1, nothing would ever stop the loop.
        """
        if isinstance(self.continues, Script):
            return self.continues.text
        stop = self._stop(inputs)
        if self.continues is not None:
            go_on = compile_js(self.continues, inputs)
            return (
                f"if ({go_on}) {{ true; }} else {{ false; }}"
                if not stop
                else (f"if (({go_on}) && !({stop})) {{ true; }} else {{ false; }}")
            )
        if not stop:
            message = f"nothing stops loop {self.reference_name!r}; give max_iterations= or call .until(...)"
            raise AuthoringError(message, code="L1", place=self.written_at)
        return f"if ({stop}) {{ false; }} else {{ true; }}"

    def _stop(self, inputs: LoopInputs) -> str:
        stops: list[object] = list(self.stops)
        if self.max_iterations is not None:
            stops.append(Expression(">=", self.iteration, self.max_iterations))
        if len(stops) == 1:
            return _written(stops[0], inputs)
        return " || ".join(_written(stop, inputs, rank=1) for stop in stops)


def _written(stop: object, inputs: LoopInputs, *, rank: int = 0) -> str:
    if isinstance(stop, Script):
        return f"({stop.text})"
    return compile_js(stop, inputs, rank=rank)


def _condition(condition: object, where: str) -> Expression | Ref | Script:
    if isinstance(condition, Script):
        if condition.language not in {"javascript", "graaljs"}:
            refuse(f"{where} takes JavaScript only: Conductor knows no other language in a loop's condition")
        if where == "until" and ";" in condition.text:
            refuse("until(js(...)) takes one JavaScript expression; give a whole script as loop(..., while_=js(...))")
        return condition
    if isinstance(condition, Expression | Ref):
        return condition
    return refuse(
        f"{where} got {condition!r:.60}, which is a plain Python value: it is the same in every iteration. "
        "Compare an output of the body; 'is' and 'not' give such values, write == and ~",
    )


class ForEach(Loop, Generic[T]):
    """
    Steps that run once for each item of a list, one after the other.

    ``with for_each("each_line", order.lines) as each:`` with ``each.item`` and ``each.index`` inside.
    """

    def __init__(
        self,
        name: str,
        items: Iterable[T],
        *,
        max_iterations: int | None = None,
        while_: object = None,
        keep_last: int | None = None,
    ) -> None:
        super().__init__(name, max_iterations=max_iterations, while_=while_, keep_last=keep_last)
        self.items: Authored = prepare_items(items, f"for_each {name!r} goes through")

    @property
    def item(self) -> T:
        """The item of the running iteration."""
        hint = records.item_type(target_of(self.items).hint) if isinstance(self.items, Ref) else Any
        return cast("T", Ref(Target(self, ("output", "loopItem"), hint)))

    @property
    def index(self) -> int:
        """The position of the running iteration's item, from 0."""
        return cast("int", Ref(Target(self, ("output", "loopIndex"), int)))

    def own_inputs(self) -> dict[str, Authored]:
        """Return the list, where it is written out."""
        return {"_items": self.items} if isinstance(self.items, list) else {}

    def items_text(self) -> str | None:
        """Return the reference to the list."""
        return str(self.items) if isinstance(self.items, Ref) else None

    def compiled_condition(self, inputs: LoopInputs) -> str:
        """Return the condition beside "there are more items"; Conductor wants one in any case."""
        if not self.stops and self.max_iterations is None and self.continues is None:
            return "true"
        return super().compiled_condition(inputs)


@checked_arguments
def loop(
    name: str,
    steps: Steps | Callable[[Loop], Steps] | None = None,
    *,
    until: object = None,
    max_iterations: int | None = None,
    while_: object = None,
    keep_last: int | None = None,
) -> Loop:
    """
    Run steps until a condition holds; at least once (DO_WHILE).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        steps: The body, when it is not used as a block; or a function that gets the loop and gives the body.
        until: When to stop, as in `Loop.until`.
        max_iterations: Stop after so many iterations; a number, or a reference to one.
        while_: Go on only while this holds; ``js("...")`` stands as it is.
        keep_last: How many iterations to keep in the output; older ones are dropped with their records.

    Raises:
        AuthoringError: L1, the limit is wrong; P1, a condition is no condition; N1, a step has its place elsewhere.

    Example:
        ``loop("poll", [now, gap], until=now.output.state == "DONE", max_iterations=30)``
    """
    made = Loop(name, max_iterations=max_iterations, while_=while_, keep_last=keep_last)
    if steps is not None:
        made.fill(_body(made, steps))
    if until is not None:
        made.until(until)
    return made


@checked_arguments
def for_each(
    name: str,
    items: Iterable[T],
    steps: Steps | Callable[[ForEach[T]], Steps] | None = None,
    *,
    until: object = None,
    max_iterations: int | None = None,
    while_: object = None,
    keep_last: int | None = None,
) -> ForEach[T]:
    """
    Run steps once for each item of a list, one after the other (DO_WHILE).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        items: The list: a reference, or a list of values.
        steps: The body, when it is not used as a block; mostly a function that gets the loop, for its ``.item``.
        until: Stop before the list ends, as in `Loop.until`.
        max_iterations: Stop after so many items.
        while_: Go on only while this holds, as in `loop`.
        keep_last: As in `loop`.

    Raises:
        AuthoringError: As `loop`.

    Example:
        ``for_each("each_line", order.lines, lambda each: [pack(each.item)])``
    """
    made = ForEach(name, items, max_iterations=max_iterations, while_=while_, keep_last=keep_last)
    if steps is not None:
        made.fill(_body(made, steps))
    if until is not None:
        made.until(until)
    return made


def _body(made: Any, steps: Any) -> Steps:
    is_function = callable(steps) and not hasattr(steps, "__podium_refusal__")
    given: Steps = steps(made) if is_function else steps
    return given
