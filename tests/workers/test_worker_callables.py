"""Everything that can be called as a task: it keeps its types and names, or is refused with words."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Annotated, Any, NewType, Optional, TypeVar

import attrs
import pytest

import podium
from podium import TaskContext, Workflow, inline, task, workflow
from podium import TaskContext as Context
from podium.model.errors import AuthoringError, InvalidRequest


@attrs.frozen
class Point:
    """A place."""

    x: int
    y: int = 0


def moved(point: Point, by: int, scale: int = 1) -> Point:
    """Move a point."""
    return Point((point.x + by) * scale, point.y)


class Mover:
    """Moves points."""

    def __init__(self, by: int) -> None:
        self.by = by

    def __call__(self, point: Point) -> Point:
        return moved(point, self.by)

    def move(self, point: Point) -> Point:
        return moved(point, self.by)

    async def amove(self, point: Point) -> Point:
        return moved(point, self.by)

    @classmethod
    def standard(cls, point: Point) -> Point:
        return moved(point, 10)

    @staticmethod
    def plainly(point: Point) -> Point:
        return moved(point, 10)


class AsyncMover:
    async def __call__(self, point: Point) -> Point:
        return moved(point, 10)


def counted(fn: Callable[..., Any]) -> Callable[..., Any]:
    """Do nothing to a function, as careful decorators do."""

    @functools.wraps(fn)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    return inner


MOVERS: dict[str, Any] = {
    "partial": functools.partial(moved, by=10),
    "partial of a partial": functools.partial(functools.partial(moved, scale=1), by=10),
    "object": Mover(10),
    "async object": AsyncMover(),
    "partial of an async object": functools.partial(AsyncMover()),
    "bound method": Mover(10).move,
    "bound async method": Mover(10).amove,
    "partial of a method": functools.partial(Mover.move, Mover(10)),
    "class method": Mover.standard,
    "static method": Mover.plainly,
    "decorated": counted(moved),
    "cached": functools.cache(Mover.plainly),
}


@pytest.mark.parametrize("kind", [kind for kind in MOVERS if kind not in {"decorated", "cached"}])
def test_a_callable_keeps_the_types_of_its_function(kind: str) -> None:
    """Records are read and written, the step's output has their fields."""
    move = task(MOVERS[kind], name="move", retries=0)

    @workflow
    def flow() -> Any:
        found = move({"x": 1, "y": 2}).output
        return {"point": found, "x": found.x}

    assert move.returns is Point
    assert flow.run().output == {"point": {"x": 11, "y": 2}, "x": 11}


def test_a_careful_decorator_hides_nothing() -> None:
    """What functools.wraps says of the function behind is believed."""
    move = task(MOVERS["decorated"], retries=0)

    @workflow
    def flow() -> Point:
        return move(Point(1), by=10).output

    assert flow.run().output == {"x": 11, "y": 0}
    with pytest.raises(AuthoringError, match="Point has no field 'z'"):
        move(Point(1), by=1).output.z  # noqa: B018  # reading it is the point


def test_a_class_makes_its_objects() -> None:
    """Its parameters are the inputs, what it makes is the result."""
    make = task(Point, name="make", schemas=True, retries=0)

    @workflow
    def flow() -> Point:
        return make(3).output

    assert flow.run().output == {"x": 3, "y": 0}
    assert make.returns is Point
    schema = make.task_def.input_schema
    assert schema is not None
    assert (schema.data["required"], schema.data["properties"]["x"]) == (["x"], {"type": "integer"})


def test_the_partials_docstring_is_the_functions() -> None:
    """Schemas and tools are described by what the author wrote."""
    assert task(functools.partial(moved, by=1), name="m").__doc__ == "Move a point."


def test_functions_written_in_c_work_where_their_parameters_are_known() -> None:
    """Where not, the refusal says what to do."""
    root = task(math.sqrt, name="root", retries=0)

    @workflow
    def flow() -> Any:
        return root(9).output

    assert flow.run().output == {"result": {"result": 3.0}}
    with pytest.raises(AuthoringError, match=r"P1 the parameters of largest\(\) are not known .*; write a function"):
        task(max, name="largest")(1)


def test_what_has_no_name_needs_one() -> None:
    """Lambdas, partials and objects."""
    for nameless in (lambda x: x, functools.partial(moved, by=1), Mover(1)):
        with pytest.raises(AuthoringError, match=r"N2 this function has no name; write task\(fn, name='...'\)"):
            task(nameless)
        with pytest.raises(AuthoringError, match="N2 this function has no name; write workflow"):
            workflow(nameless)


def test_what_cannot_be_called_is_no_task() -> None:
    """The words say what was given; so for a value where the type of the result is meant."""
    for wrong in (5, "charge", property(lambda self: self), workflow(name="w")(lambda: None)):
        with pytest.raises(AuthoringError, match="P1 a task is made of a function or something else"):
            task(wrong)  # type: ignore[call-overload]  # the point of the test
    with pytest.raises(AuthoringError, match="P1 'i': returns= is the type of the result, not 'n'"):
        inline("i", "$.returns", returns="n")  # type: ignore[call-overload]  # the point of the test


def test_the_context_cannot_be_given() -> None:
    """Also where a function takes any input."""

    @task
    def takes(a: int, *, context: TaskContext, **more: int) -> int:
        return a

    with pytest.raises(AuthoringError, match=r"R3 takes\(\): 'context' is the worker's context"):
        takes(1, context=2)  # type: ignore[arg-type]  # the point of the test


class Tools:
    """A class whose methods are tasks."""

    def __init__(self, factor: int) -> None:
        self.factor = factor

    @task(retries=0)
    def times(self, a: int) -> int:
        return a * self.factor

    @task(retries=0)
    async def later(self, context: TaskContext, a: int) -> int:
        return a * self.factor * context.attempt

    @task(retries=0)
    @classmethod
    def named(cls, a: int) -> str:
        return f"{cls.__name__} {a}"

    @task(retries=0)
    @staticmethod
    def double(a: int) -> int:
        return 2 * a


class MoreTools(Tools):
    """Inherits them."""


def test_a_method_is_a_task_of_its_object() -> None:
    """Taken from an object, it works on it; class and static methods from the class too."""
    tools = MoreTools(3)

    @workflow
    def flow(a: int) -> Any:
        again = tools.times.as_("again")(a)
        return {
            "times": tools.times(a).output,
            "again": again.output,
            "later": tools.later(a).output,
            "named": tools.named(a).output,
            "double": Tools.double(a).output,
        }

    assert flow.run(a=2).output == {"times": 6, "again": 6, "later": 6, "named": "MoreTools 2", "double": 4}


def test_a_method_without_its_object_is_refused_with_words() -> None:
    """Its ``self`` would be an input, in steps and in workers."""
    said = r"P1 times\(\) is a method of Tools without its object, so 'self' would be an input"
    with pytest.raises(AuthoringError, match=said):
        Tools.times(Tools(1), 2)
    with podium.connect() as client, pytest.raises(AuthoringError, match=said), client.workers([Tools.times]):
        pass
    with pytest.raises(AuthoringError, match=r"P1 workflow 'flow' is a method of Flows without its object"):

        class Flows:
            @workflow
            def flow(self, a: int) -> int:
                return a


def test_a_task_in_a_class_that_is_no_method_stays_as_it_is() -> None:
    """A class may list tasks."""
    double = task(Mover.plainly, name="double")

    class Listed:
        first = double

    assert Listed().first is double


def test_the_methods_of_two_objects_are_two_functions() -> None:
    """A worker would run one in the place of the other."""
    one, two = Tools(1), Tools(2)

    @workflow
    def flow(a: int) -> Any:
        return [one.times(a).output, two.times.as_("other")(a).output]

    with pytest.raises(AuthoringError, match="N1 two functions are the task 'times'"):
        flow.run(a=1)


class MyContext(TaskContext):
    """A context with more to say."""

    def line(self, a: int) -> str:
        return f"{self.attempt} {a}"


def _aliased(context: Context, a: int) -> str:
    return f"{context.attempt} {a}"


def _optional(context: Optional[TaskContext], a: int) -> str:  # noqa: UP045  # as many write it
    return f"{context.attempt if context else 0} {a}"


def _noted(context: Annotated[TaskContext, "the attempt"], a: int) -> str:
    return f"{context.attempt} {a}"


def _through_a_module(context: podium.TaskContext, a: int) -> str:
    return f"{context.attempt} {a}"


def _by_text(context: "TaskContext | None", a: int) -> str:  # noqa: UP037  # as many write it
    return f"{context.attempt if context else 0} {a}"


def _of_a_subclass(context: MyContext, a: int) -> str:
    return context.line(a)


def _not_first(a: int, context: TaskContext) -> str:
    return f"{context.attempt} {a}"


def _by_keyword(a: int, *, context: TaskContext | None = None) -> str:
    return f"{context.attempt if context else 0} {a}"


def _by_position(a: int, context: TaskContext, /) -> str:
    return f"{context.attempt} {a}"


ContextT = TypeVar("ContextT", bound=TaskContext)
OwnContext = NewType("OwnContext", TaskContext)


def _by_variable(context: ContextT, a: int) -> str:
    return f"{context.attempt} {a}"


def _by_new_type(context: OwnContext, a: int) -> str:
    return f"{context.attempt} {a}"


@pytest.mark.parametrize(
    "fn",
    [
        _by_variable,
        _by_new_type,
        *(
            _aliased,
            _optional,
            _noted,
            _through_a_module,
            _by_text,
            _of_a_subclass,
            _not_first,
            _by_keyword,
            _by_position,
        ),
        functools.partial(_aliased),
    ],
)
def test_the_context_is_known_by_its_type(fn: Any) -> None:
    """However the annotation is spelt, and wherever the parameter stands; it is no input."""
    asks = task(fn, name="asks", schemas=True, retries=0)

    @workflow
    def flow() -> Any:
        return asks(5).output

    assert flow.run().output == {"result": "1 5"}
    assert asks.task_def.input_schema is not None
    assert list(asks.task_def.input_schema.data["properties"]) == ["a"]


def test_a_class_that_is_only_called_alike_is_an_input() -> None:
    """The name says nothing."""

    @attrs.frozen
    class TaskContext:
        a: int

    @task(retries=0)
    def read(context: TaskContext) -> int:
        return context.a

    @workflow
    def flow() -> Any:
        return read(TaskContext(4)).output

    assert flow.run().output == {"result": 4}


def loaded(letter: str) -> Any:
    """Make one of several functions that are all the task 'load'."""

    @task(name="load", retries=0)
    def load(x: int) -> str:
        return f"{letter}{x}"

    return load


def _called(child: Workflow[..., Any]) -> None:
    child(1)


def _embedded(child: Workflow[..., Any]) -> None:
    child.inline(1)


def _started(child: Workflow[..., Any]) -> None:
    child.start(1)


def _fanned_out(child: Workflow[..., Any]) -> None:
    podium.fan_out("all", child, [{"x": 1}])


@pytest.mark.parametrize("use", [_called, _embedded, _started, _fanned_out])
def test_one_task_name_for_two_functions_is_refused_across_workflows(use: Callable[[Workflow[..., Any]], None]) -> None:
    """A worker would run one function in the place of the other."""
    first, second = loaded("A"), loaded("B")

    @workflow
    def child(x: int) -> Any:
        return first(x).output

    @workflow
    def parent() -> Any:
        use(child)
        return second.as_("own")(2).output

    assert [problem.code for problem in parent.check()] == ["N1"]
    with pytest.raises(AuthoringError, match="N1 two functions are the task 'load'"):
        parent.run()
    with podium.connect() as client, pytest.raises(AuthoringError, match="N1"):
        client.register(parent)


def test_one_task_name_for_two_functions_is_refused_in_failure_workflows_and_undo() -> None:
    """They are run by the same workers."""
    first, second = loaded("A"), loaded("B")

    @workflow
    def mend(reason: str | None = None) -> Any:
        return first(1).output

    @workflow(failure_workflow=mend)
    def fails() -> Any:
        return second(2).output

    @workflow
    def undone() -> Any:
        made = inline("made", "1")
        made.undo(first, 1)
        return second(2).output

    for flow in (fails, undone):
        with pytest.raises(AuthoringError, match="N1 two functions are the task 'load'"):
            flow.run()


def test_one_task_name_for_two_definitions_is_refused() -> None:
    """Only one of them could be registered; the same function twice with the same settings is one task."""

    def charge(amount: int) -> int:
        return amount

    patient, hasty = task(charge, retries=5), task(charge, retries=0)

    @workflow
    def twice() -> None:
        patient(1)
        task(charge, retries=5).as_("again")(1)
        patient.opts(optional=True).as_("perhaps")(1)

    @workflow
    def unsure() -> None:
        patient(1)
        hasty.as_("again")(1)

    assert [each.name for each in twice.tasks] == ["charge"]
    with pytest.raises(AuthoringError, match="N1 two definitions with other settings are the task 'charge'"):
        unsure.to_dict()


def test_inputs_may_be_called_like_the_words_of_run() -> None:
    """Defaults count, what is given is the input; ``self`` is a name like others everywhere."""

    @task(retries=0)
    def ask(url: str, timeout: int, workers: int, version: int, name: str) -> str:
        return f"{url} {timeout} {workers} {version} {name}"

    @workflow
    def asks(url: str, timeout: int = 30, workers: int = 2, version: int = 1, name: str = "n") -> str:
        return ask(url, timeout, workers=workers, version=version, name=name).output

    assert asks.run(url="x").output == {"result": "x 30 2 1 n"}
    assert asks.run(url="x", timeout=5, version=2, name="m").output == {"result": "x 5 2 2 m"}
    assert asks.run(url="x", workers=7).output == {"result": "x 30 7 1 n"}
    with pytest.raises(InvalidRequest, match="timeout: a whole number is expected, not null"):
        asks.run(url="x", timeout=None)


def test_self_is_an_input_like_others() -> None:
    """In steps, sub-workflows, outputs and runs."""

    @task(retries=0)
    def echo(self: int, client: int, args: int) -> int:
        return self + client + args

    @workflow
    def child(self: int, fn: int = 0) -> int:
        return echo(self=self, client=1, args=fn).output

    @workflow
    def parent(self: int, input: int) -> Any:  # noqa: A002  # the point of the test
        return child(self=self, fn=input).output

    assert parent.run(self=1, input=10).output == {"result": 12}
    made = Workflow("made", inputs=["self", "timeout"])
    made >> podium.noop("n")
    made.returns(self=made.input("self"), value=made.input("timeout"))
    assert made.run(self=1, timeout=2).output == {"self": 1, "value": 2}


def test_a_loaded_workflow_takes_the_words_that_it_lists_as_inputs() -> None:
    """What it does not list has the meaning of ``run``."""
    listed = {"name": "w", "tasks": [{"name": "n", "taskReferenceName": "n", "type": "NOOP"}]}
    listed |= {"outputParameters": {"t": "${workflow.input.timeout}"}}

    assert podium.load(listed).run(timeout=30).output == {"t": None}
    assert podium.load({**listed, "inputParameters": ["timeout"]}).run(timeout=3).output == {"t": 3}


def test_an_input_that_another_would_replace_is_refused() -> None:
    """The script itself is an input too, under a name of Conductor's."""
    for wrong in (
        lambda: inline("i", "$.expression", expression=1),
        lambda: inline("i", "1", evaluatorType="graaljs"),
        lambda: podium.jq("j", ".a", queryExpression="b"),
        lambda: inline("i", podium.js("$.a", a=1), a=2),
    ):
        with pytest.raises(AuthoringError, match=r"P1 the input '\w+' of (inline|jq) '\w'"):
            wrong()
