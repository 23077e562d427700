"""
What a command is about: a workflow in a Python file or module, in a JSON file, or on the standard input.

======================  ==============================================================
``flows/order.py``      the only workflow of a Python file
``flows/order.py:sale``  the workflow ``sale`` of a Python file
``shop.order:sale``     the same of a module
``order.json``          a definition in JSON, or a list of them: the first one, which the others belong to
``-``                   a definition in JSON, from the standard input
======================  ==============================================================
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import frozen

from podium.cli.documents import read_documents
from podium.cli.modules import authors_faults, import_place
from podium.model.errors import DefinitionError, InvalidRequest

# The authoring room is imported at its use: the help does without it.
if TYPE_CHECKING:
    from podium.dsl import Task, Workflow
    from podium.model.definitions import TaskDef, WorkflowDef

AnyWorkflow: TypeAlias = "Workflow[..., Any]"
AnyTask: TypeAlias = "Task[..., Any]"

STDIN = "-"


@frozen(kw_only=True)
class Subject:
    """A workflow that a user named."""

    #: As the user would name it.
    name: str
    workflow: AnyWorkflow
    #: It is written in Python, so it has defaults and brings its tasks.
    is_python: bool
    #: What stands beside it in its JSON file.
    others: Sequence[WorkflowDef] = ()
    task_defs: Sequence[TaskDef] = ()

    @property
    def definition(self) -> WorkflowDef:
        """
        The definition.

        Raises:
            DefinitionError: It is wrong.
            InvalidRequest: The author's function failed.
        """
        with authors_faults(f"{self.name} cannot be built"):
            return self.workflow.definition

    @property
    def definitions(self) -> Sequence[WorkflowDef]:
        """The definition and those of all workflows that it calls; errors as for `definition`."""
        with authors_faults(f"{self.name} cannot be built"):
            return (*self.workflow.definitions, *self.others)

    @property
    def tasks(self) -> Sequence[AnyTask]:
        """The tasks that the workflow, and those it calls, bring; errors as for `definition`."""
        with authors_faults(f"{self.name} cannot be built"):
            return self.workflow.worker_tasks


def read_subject(text: str) -> Subject:
    """
    Find the workflow that a user named.

    Raises:
        InvalidRequest: There is none, or more than one.
        DefinitionError: The JSON is no definition, or the Python builds a workflow wrongly.
    """
    found = read_subjects(text)
    if len(found) > 1:
        names = ", ".join(subject.name for subject in found)
        raise InvalidRequest(f"{text} has {len(found)} workflows; name one of them: {names}")
    return found[0]


def read_subjects(text: str) -> Sequence[Subject]:
    """Return all the workflows that a user named: of a Python file or module, if no name follows; never none."""
    if is_json(text):
        return [_read_json(text)]
    from podium.dsl import Workflow, load
    from podium.model.definitions import WorkflowDef

    place, name = split_subject(text)
    module = import_place(place)
    workflows = _workflows_of(module)
    if not name:
        if not workflows:
            raise InvalidRequest(f"{place} has no workflow; make one with @workflow")
        return [_named(place, key, workflow) for key, workflow in workflows.items()]
    value = vars(module).get(name)
    if isinstance(value, WorkflowDef):
        value = load(value)
    if not isinstance(value, Workflow):
        raise InvalidRequest(_explain(place, name, value, list(workflows)))
    return [_named(place, name, value)]


def is_json(text: str) -> bool:
    """Return whether a subject is JSON: the standard input, or a file that is not Python."""
    return text == STDIN or text.endswith(".json") or (Path(text).is_file() and not text.endswith(".py"))


def split_subject(text: str) -> tuple[str, str]:
    r"""
    Return file or module, and the name in it or an empty text.

    Example:
        >>> split_subject("flows/order.py:sale"), split_subject(r"C:\\flows\\order.py")
        (('flows/order.py', 'sale'), ('C:\\\\flows\\\\order.py', ''))
    """
    place, _, name = text.rpartition(":")
    return (place, name) if place and name.isidentifier() else (text, "")


def read_tasks(place: str) -> Sequence[AnyTask]:
    """
    Return the tasks that a user named for working: those of a workflow, or all of a file or module; none for JSON.

    Raises:
        InvalidRequest: There is no such file, module or workflow.
        DefinitionError: The Python builds a workflow wrongly.
    """
    from podium.dsl import Task

    if is_json(place):
        return ()
    if split_subject(place)[1]:
        return read_subject(place).tasks
    module = import_place(place)
    found = {value.name: value for value in vars(module).values() if isinstance(value, Task)}
    for name, workflow in _workflows_of(module).items():
        for task in _named(place, name, workflow).tasks:
            found.setdefault(task.name, task)
    return tuple(found.values())


def split_served(text: str) -> tuple[str, Sequence[str]]:
    """
    Return file or module, and the names in it.

    Example:
        >>> split_served("flows/order.py:sale,pay"), split_served("shop.order")
        (('flows/order.py', ['sale', 'pay']), ('shop.order', []))
    """
    place, _, names = text.rpartition(":")
    words = names.split(",")
    return (place, words) if place and all(word.isidentifier() for word in words) else (text, [])


def read_served(places: Sequence[str]) -> Sequence[AnyTask]:
    """
    Return the tasks that a worker process is to serve, of each name the last.

    Raises:
        InvalidRequest: There is no such file, module, workflow or task, or a file has neither tasks nor workflows.
        DefinitionError: The Python builds a workflow wrongly.
    """
    from podium.dsl import Task
    from podium.dsl.names import nearest

    found: dict[str, AnyTask] = {}
    for text in places:
        if is_json(text):
            raise InvalidRequest(f"{text} is JSON, which brings no functions; name the Python file with the tasks")
        place, names = split_served(text)
        module = import_place(place)
        if not names and not _workflows_of(module) and not any(isinstance(v, Task) for v in vars(module).values()):
            raise InvalidRequest(f"{place} has no task and no workflow; make one with @task")
        for name in names or [""]:
            value = vars(module).get(name)
            if name and value is None:
                tasks = [key for key, one in vars(module).items() if isinstance(one, Task)]
                near = nearest(name, tasks)
                hint = f"did you mean {near}? " if near else ""
                raise InvalidRequest(f"{place} has no {name}; {hint}its tasks are: {', '.join(tasks) or 'none'}")
            served = [value] if isinstance(value, Task) else read_tasks(f"{place}:{name}" if name else place)
            found |= {task.name: task for task in served}
    return tuple(found.values())


def read_workflows(place: str) -> Sequence[AnyWorkflow]:
    """Return the workflows of a file or module that a user named for working; none of JSON. Errors as `read_tasks`."""
    if is_json(place):
        return ()
    if split_subject(place)[1]:
        return [read_subject(place).workflow]
    return list(_workflows_of(import_place(place)).values())


def _named(place: str, name: str, workflow: AnyWorkflow) -> Subject:
    return Subject(name=f"{place}:{name}", workflow=workflow, is_python=True)


def _read_json(text: str) -> Subject:
    from podium.dsl import load

    name = "stdin" if text == STDIN else text
    try:
        found = read_documents(sys.stdin.buffer.read() if text == STDIN else Path(text).read_bytes())
        if not found.workflows:
            raise InvalidRequest(f"{name} holds no workflow")
        main = load(found.workflows[0])
        others, task_defs = found.definitions()[1:], found.task_definitions()
    except OSError as error:
        raise InvalidRequest(f"{text} cannot be read: {error.strerror or error}") from error
    except DefinitionError as error:
        raise DefinitionError(error.faults, subject=f"definition in {name}") from error
    return Subject(name=name, workflow=main, is_python=False, others=others, task_defs=task_defs)


def _workflows_of(module: ModuleType) -> Mapping[str, AnyWorkflow]:
    """Return a module's workflows by name, each once."""
    from podium.dsl import Workflow

    found: dict[str, AnyWorkflow] = {}
    for name, value in vars(module).items():
        if isinstance(value, Workflow) and all(value is not known for known in found.values()):
            found[name] = value
    return found


def _explain(place: str, name: str, value: object, workflows: Sequence[str]) -> str:
    from podium.dsl.names import nearest

    known = f"its workflows are: {', '.join(workflows)}" if workflows else "it has no workflow"
    if value is not None:
        return f"{name} in {place} is a {type(value).__name__}, not a workflow; {known}"
    guess = nearest(name, workflows)
    advice = f"did you mean {guess}? " if guess and len(workflows) > 1 else ""
    return f"{place} has no {name}; {advice}{known}"
