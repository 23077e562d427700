"""Twenty mistakes of authors, as scripts: each names the author's file and line, and what to write instead."""

from __future__ import annotations

import runpy
import traceback
from pathlib import Path
from typing import Any

import pytest

from podium import load
from podium.model.errors import DefinitionError, InvalidRequest, PodiumError

_HEAD = """
import attrs
from collections.abc import Mapping
from contextlib import suppress
from podium import *

@attrs.frozen
class Quote:
    name: str
    price: float

@task
def ask(city: str) -> Quote:
    return Quote(city, 1.0)

@task
def double(input: int) -> int:
    return 2 * input

@task
def tell(text: str) -> None: ...

"""
_LINES_MAX = 16

#: What is tried, the script (its line with the mistake is marked), and what the message says.
_MISTAKES = [
    (
        "arithmetic in a return",
        """
@workflow
def trip(x: int) -> int:
    return double(x).output + 1  # here
trip.run(x=1)
""",
        "use inline('name', expression)",
    ),
    (
        "an iteration before the first one",
        """
@workflow
def trip() -> int:
    with loop("again", max_iterations=3) as again:
        once = double(1)
    return again.at(0, once)  # here
trip.run()
""",
        "at(0, …) of loop 'again': iterations are counted from 1",
    ),
    (
        "a value as a name",
        """
@workflow
def trip(name: str) -> None:
    double.as_(name)(1)  # here
trip.run(name="x")
""",
        "a name is a text, not <Ref ${workflow.input.name}>",
    ),
    (
        "an empty name",
        """
@workflow
def trip() -> None:
    double.as_("")(1)  # here
trip.run()
""",
        "the reference name '' is empty",
    ),
    (
        "a setting of a wrong type",
        """
@task(retries="3")  # here
def pay(): ...
""",
        "retries='3': a whole number is expected",
    ),
    (
        "a misspelt setting",
        """
@task(retrys=3)  # here
def pay(): ...
""",
        "did you mean 'retries'?",
    ),
    (
        "names given as one text",
        """
@task(secrets="KEY")  # here
def pay(): ...
""",
        "secrets='KEY': a list of texts is expected",
    ),
    (
        "a workflow without a name",
        """
trip = workflow(lambda x: double(x).output)  # here
""",
        "write workflow(name='...')(fn)",
    ),
    (
        "a workflow in itself",
        """
@workflow
def trip(x: int):
    trip.inline(x)  # here
trip.run(x=1)
""",
        "call it instead of .inline",
    ),
    (
        "a setting of a workflow",
        """
@workflow(timeout=[3])  # here
def trip(): ...
""",
        "timeout=[3] is no duration; write a text such as '5s'",
    ),
    (
        "a setting that only the run knows",
        """
@workflow
def trip(x: int):
    double(x).opts(retries=x)  # here
trip.to_json()
""",
        "must be known when the workflow is written",
    ),
    (
        "a field of a step without its output",
        """
@workflow
def trip(city: str):
    tell(ask(city).name)  # here
trip.to_json()
""",
        "write ask.output.name",
    ),
    (
        "a step for its output",
        """
@workflow
def trip(city: str):
    tell(ask(city))  # here
trip.to_json()
""",
        "write ask.output or a field of it",
    ),
    (
        "a misspelt field",
        """
@workflow
def trip(city: str):
    tell(ask(city).output.nmae)  # here
trip.describe()
""",
        "did you mean 'name'?",
    ),
    (
        "a misspelt input",
        """
@workflow
def trip(city: str):
    ask(cty=city)  # here
trip.run(city="Rome")
""",
        "ask() takes no 'cty'; did you mean 'city'?",
    ),
    (
        "a step without its name",
        """
@workflow
def trip(city: str):
    human(city=city)  # here
trip.run(city="Rome")
""",
        "the step's reference name comes first: human('a_name', ...)",
    ),
    (
        "a limit given as text",
        """
@workflow
def trip(city: str):
    with loop("again", max_iterations="3"):  # here
        ask(city)
trip.run(city="Rome")
""",
        "max_iterations='3': a whole number is expected",
    ),
    (
        "headers that are a list",
        """
@workflow
def trip(city: str):
    http("ask", "https://example.com", headers=["a"])  # here
trip.run(city="Rome")
""",
        "headers=['a']: a map is expected",
    ),
    (
        "a function that is no task",
        """
@workflow
def trip(items: list[int]):
    fan_out("all", lambda x: x, items)  # here
trip.run(items=[1])
""",
        "put @task above it",
    ),
    (
        "items of another type",
        """
@workflow
def trip(items: list[str]):
    fan_out("all", double, items)  # here
trip.run(items=["a"])
""",
        "input of <Task 'double'> is a number, and the items' own type is a text",
    ),
    (
        "options of instances",
        """
@workflow
def trip(items: list[int]):
    fan_out("all", double.opts(optional=True), items)  # here
trip.run(items=[1])
""",
        "a workflow that calls the task with them",
    ),
    (
        "a test of class",
        """
@workflow
def trip(x: int):
    if isinstance(x, int):  # here
        double(x)
trip.run(x=1)
""",
        "is told by a task that takes it",
    ),
    (
        "a step that is tried",
        """
@workflow
def trip(x: int):
    try:  # here
        double(x)
    except ValueError:
        tell("failed")
trip.run(x=1)
""",
        "write .opts(optional=True)",
    ),
    (
        "a result of another kind",
        """
@workflow
def trip(x: int) -> str:
    return double(x).output  # here
trip.run(x=1)
""",
        "declared to return str, and <Ref ${double.output.result}> is a number",
    ),
    (
        "a result that is forgotten",
        """
@workflow
def trip(x: int) -> int:  # here
    double(x)
trip.run(x=1)
""",
        "declared to return int, and returns nothing",
    ),
    (
        "a task that yields",
        """
@task  # here
def each(x: int):
    yield x
""",
        "return a list",
    ),
    (
        "a workflow that yields",
        """
@workflow  # here
def trip(x: int):
    yield double(x)
trip.run(x=1)
""",
        "a plain function, without async and yield",
    ),
    (
        "a misspelt word of a step",
        """
@workflow
def trip(x: int):
    tell(double(x).outptu)  # here
trip.run(x=1)
""",
        "did you mean .output?",
    ),
    (
        "a key that a TypedDict has not",
        """
from typing import TypedDict
class Order(TypedDict):
    city: str
@workflow
def trip(order: Order):
    ask(order["town"])  # here
trip.run(order={"city": "Rome"})
""",
        "Order has no field 'town'; it has city",
    ),
    (
        "an undo that is no task",
        """
@workflow
def trip(x: int):
    double(x).undo(lambda: None)  # here
trip.run(x=1)
""",
        "is undone by a task, not by <function trip.<locals>.<lambda>>; put @task above the function",
    ),
    (
        "an item that fills one parameter of two",
        """
@task
def square(number: int, power: int) -> int: ...
@workflow
def trip(items: list[int]):
    fan_out("all", square, items)  # here
trip.run(items=[1])
""",
        "needs power; an item fills 'number'; give the others to all, fan_out(..., power=...), or make the items maps",
    ),
    (
        "a length of time that is none",
        """
@workflow
def trip():
    wait("a_while", duration="soon")  # here
trip.run()
""",
        "Not valid duration: soon; write whole days, hours, minutes and seconds in this order, such as",
    ),
    (
        "a workflow without steps",
        """
@workflow  # here
def trip(x: int): ...
trip.run(x=1)
""",
        "call a task in it, or noop('nothing')",
    ),
    (
        "a choice by Python's if",
        """
@workflow
def trip(x: int):
    if double(x).output > 3:  # here
        tell("much")
trip.run(x=1)
""",
        "join conditions with & | ~",
    ),
    (
        "a name used twice",
        """
@workflow
def trip(x: int):
    double(x)
    double(x)  # here
trip.run(x=1)
""",
        ".as_('another_name')",
    ),
    (
        "a sum over what is known later",
        """
@workflow
def trip(items: list[int]):
    tell(sum(fan_out("all", double, items).output))  # here
trip.run(items=[1])
""",
        "jq(...) to sort, add up or reshape it",
    ),
    (
        "the output of a function that is no task",
        """
def treble(x):
    return 3
@workflow
def trip(x: int) -> int:
    return treble(x).output  # here
trip.run(x=1)
""",
        "put @task above the function",
    ),
    (
        "an undo of a fan-out",
        """
@workflow
def trip(items: list[int]):
    fan_out("all", double, items).undo(tell, "no")  # here
trip.run(items=[1])
""",
        "say it in a workflow, and fan out over that",
    ),
    (
        "an object that is no JSON",
        """
@workflow
def trip():
    tell(object())  # here
trip.run()
""",
        "text is a value of type object (<object object>), which cannot be written as JSON",
    ),
]


@pytest.mark.parametrize(("script", "advice"), [each[1:] for each in _MISTAKES], ids=[each[0] for each in _MISTAKES])
def test_a_mistake_is_told_at_its_line_with_what_to_write(tmp_path: Path, script: str, advice: str) -> None:
    """The traceback is short, its last line says place and advice, and no address of an object is in it."""
    file = tmp_path / "trip.py"
    file.write_text(_HEAD + script)
    with pytest.raises(PodiumError) as caught:
        runpy.run_path(str(file))
    lines = (_HEAD + script).splitlines()
    (line,) = [number for number, text in enumerate(lines, 1) if "# here" in text]

    message = str(caught.value)
    assert message.startswith(f"{file}:{line}: ")
    assert advice in message
    assert " at 0x" not in message
    own = "".join(traceback.format_exception(caught.value)).partition(f'File "{file}"')[2]
    assert len(own.splitlines()) <= _LINES_MAX


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"city": 3}, "city: a text is expected, not a number (3)"),
        ({"cty": "Rome"}, "takes no 'cty'; did you mean 'city'?"),
        ({"city": "Rome", "wanted": {"name": "a"}}, "wanted.price is missing"),
        ({"city": "Rome", "wanted": {"name": "a", "prize": 1}}, "did you mean 'price'?"),
    ],
)
def test_a_wrong_input_is_told_by_its_path(given: dict[str, object], said: str) -> None:
    """Before the run starts."""
    space: dict[str, Any] = {"__name__": "trips"}
    exec(_HEAD + "@workflow\ndef trip(city: str, wanted: Quote | None = None):\n    ask(city)\n", space)  # our own text
    with pytest.raises(PodiumError) as caught:
        space["trip"].run(**given)
    assert said in str(caught.value)


def test_a_file_that_is_no_definition_is_named(tmp_path: Path) -> None:
    """What cannot be read is named, and what is no file is refused in words."""
    file = tmp_path / "trip.json"
    file.write_text("{'name': 1}")
    with pytest.raises(DefinitionError, match=r"the definition in \S+trip.json has 1 problem:\n.*in double quotes"):
        load(file)
    with pytest.raises(InvalidRequest, match=r"a path, JSON text, a map or a WorkflowDef is expected, not \[1\]"):
        load([1])
