"""From one definition to one function under ``@workflow``."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from podium.decompile.bodies import BodyWriter
from podium.decompile.comparing import as_json, changes, fingerprint, is_same
from podium.decompile.evaluating import evaluate, perform
from podium.decompile.naming import is_identifier, snake
from podium.decompile.nodes import (
    Assign,
    Function,
    FunctionParameter,
    JsonText,
    Name,
    Node,
    Return,
    Value,
    Variable,
    call,
    literal,
)
from podium.decompile.scopes import FunctionScope
from podium.decompile.stubs import HINTS, schema_type, type_of
from podium.decompile.tables import ModuleTables
from podium.decompile.taskdefs import duration
from podium.dsl.blocks import closed
from podium.dsl.headers import Header, definition_of, header_of
from podium.dsl.returning import outputs_of
from podium.dsl.values import prepare, render
from podium.model import codec
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import PodiumError
from podium.model.expressions import references, simple_path
from podium.model.statuses import SchemaType, WorkflowTimeoutPolicy
from podium.model.values import JsonValue
from podium.model.walk import walk, without_blocks
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow

#: Names that no parameter may have: the package itself, and the keyword arguments that would hide something.
_NO_PARAMETER = {"podium", "json", "self"}


@attrs.frozen
class Written:
    """A function, and what is needed to try it."""

    function: Function
    header: Header
    definition: WorkflowDef


def write_function(
    definition: WorkflowDef,
    variable: Variable,
    tables: ModuleTables,
    *,
    passed: Sequence[str] = (),
    optional: Iterable[str] = (),
) -> Written:
    """
    Write the function of a definition.

    Args:
        definition: The definition.
        variable: The name of the function.
        tables: What the module shares.
        passed: Inputs that callers give, which must be parameters though the definition may not know them.
        optional: Inputs that some caller leaves out.
    """
    names = [name for name in input_names(definition, passed) if is_identifier(name) and name not in _NO_PARAMETER]
    parameters = tuple(_parameter(name, definition, tables, is_optional=name in optional) for name in names)
    scope = FunctionScope({each.name: each.variable for each in parameters}, tables.constant)
    scope.environment.update(tables.values())
    types = {each.variable: each.annotation for each in parameters}
    body = BodyWriter(definition, tables, scope, types).statements(definition.tasks)
    outputs = _returned(definition, scope)
    settings, header = _decorated(definition, parameters, scope, has_outputs=outputs is not None)
    if not definition.tasks:
        body = (Assign(call("noop", Value("nothing"))),)
    function = Function(
        variable,
        usable_name(definition),
        settings,
        parameters,
        (*body, Return(outputs)) if outputs is not None else body,
        "Any" if outputs is not None else "None",
    )
    return Written(function, header, definition)


def raw_function(definition: WorkflowDef, variable: Variable) -> Written:
    """Write the function of a definition that no spelling fits: every task as JSON, the rest in the decorator."""
    document = as_json(definition)
    tasks = document.pop("tasks", [])
    own = call("noop", Value("nothing"))
    json = {key: value for key, value in document.items() if key != "version"} | {"tasks": tasks}
    settings: tuple[tuple[str, Node], ...] = (("json", JsonText(json)),)
    if definition.version != 1:
        settings = (("version", Value(definition.version)), *settings)
    header = header_of(usable_name(definition), {"version": definition.version, "json": json})
    function = Function(variable, usable_name(definition), settings, (), (Assign(own),), "None")
    return Written(function, header, definition)


def wishes_for_workflow(definition: WorkflowDef) -> tuple[str, ...]:
    """Return what the function of a workflow would like to be called."""
    name = definition.name if is_identifier(definition.name) else snake(definition.name)
    name = name or "unnamed"
    return (name, f"{name}_workflow")


def usable_name(definition: WorkflowDef) -> str:
    """Return a name that the builders take; a blank one is put in by the JSON behind it."""
    return definition.name if definition.name.strip() else "unnamed"


# Inputs


def input_names(definition: WorkflowDef, passed: Sequence[str]) -> list[str]:
    """Return the inputs: those that are listed, those that are used, those with a default, those that callers give."""
    used = _used_inputs(definition)
    return list(dict.fromkeys([*definition.input_parameters, *used, *definition.input_template, *passed]))


def _used_inputs(definition: WorkflowDef) -> Iterator[str]:
    for text in _texts(definition):
        path = simple_path(text)
        if path is None or path.root != "workflow" or len(path.segments) < 2:
            continue
        kind, name = path.segments[:2]
        if kind == "input" and isinstance(name, str):
            yield name


def _texts(definition: WorkflowDef) -> Iterator[str]:
    """Yield what stands between ``${`` and ``}`` anywhere; embedded definitions have inputs of their own."""
    for visit in walk(definition.tasks):
        task = visit.task
        params = task.sub_workflow_param
        if params is not None and isinstance(params.workflow_definition, WorkflowDef):
            task = attrs.evolve(task, sub_workflow_param=attrs.evolve(params, workflow_definition=None))
        yield from (found.text for found in references(codec.to_dict(without_blocks(task))))
    yield from (found.text for found in references(definition.output_parameters))


def _parameter(name: str, definition: WorkflowDef, tables: ModuleTables, *, is_optional: bool) -> FunctionParameter:
    variable = Variable((name,), name)
    default = definition.input_template.get(name)
    schema = definition.input_schema.data if definition.input_schema is not None else None
    declared = schema_type(schema, name) if schema is not None else None
    if default is not None and _can_be_default(default):
        node = literal(default)
        kind = declared or type_of(node)
        if isinstance(default, Mapping | list):  # a default that could change belongs to nobody
            node = Name(tables.constant(node, default, f"default_{name}"))
        return FunctionParameter(variable, name, kind, node)
    return FunctionParameter(variable, name, declared or "Any", Value(None) if is_optional else None)


def _can_be_default(value: JsonValue) -> bool:
    try:
        prepare(value)
    except PodiumError:
        return False
    return True


# Outputs


def _returned(definition: WorkflowDef, scope: FunctionScope) -> Node | None:
    """Return what the function returns; None if it returns nothing, or nothing that gives these outputs."""
    outputs = definition.output_parameters
    if not outputs:
        return None
    tries = [scope.value(outputs, "output")]
    if set(outputs) == {"result"} and not isinstance(outputs["result"], Mapping) and outputs["result"] is not None:
        tries.insert(0, scope.value(outputs["result"], "result"))
    for node in tries:
        try:
            reached = render(outputs_of(scope.attempt(node), Any, None))
        except PodiumError:
            continue
        if fingerprint(reached) == fingerprint(outputs):
            return node
    return None


# The decorator


def _decorated(
    definition: WorkflowDef,
    parameters: Sequence[FunctionParameter],
    scope: FunctionScope,
    *,
    has_outputs: bool,
) -> tuple[tuple[tuple[str, Node], ...], Header]:
    """Return what the decorator says and the header that it makes."""
    settings = dict(_settings(definition))
    if [each.name for each in parameters] != list(definition.input_parameters):
        settings["listed_inputs"] = list(definition.input_parameters)
    name = usable_name(definition)
    try:
        header = header_of(name, settings)
    except PodiumError:
        settings = {"version": definition.version, "listed_inputs": list(definition.input_parameters)}
        header = header_of(name, settings)
    reached = definition_of(
        header,
        tasks=definition.tasks or (WorkflowTask(task_reference_name="nothing"),),
        input_parameters=tuple(each.name for each in parameters),
        input_template=_template(parameters, scope),
        output_parameters=definition.output_parameters if has_outputs else {},
    )
    rest = changes(as_json(reached), as_json(definition))
    if rest:
        settings["json"] = rest
        header = attrs.evolve(header, json=rest)
    return tuple((key, literal(value)) for key, value in settings.items()), header


def _template(parameters: Sequence[FunctionParameter], scope: FunctionScope) -> dict[str, JsonValue]:
    defaults = {each.name: scope.attempt(each.default) for each in parameters if each.default is not None}
    template: dict[str, JsonValue] = render(
        prepare({name: value for name, value in defaults.items() if value is not None})
    )
    return template


#: Fields that a setting of another name says, if they are not what they are by default.
_PLAIN = (
    ("version", "version"),
    ("description", "description"),
    ("owner_email", "owner"),
    ("failure_workflow", "failure_workflow"),
    ("restartable", "restartable"),
    ("variables", "variables"),
    ("workflow_status_listener_enabled", "status_listener"),
    ("masked_fields", "masked_fields"),
    ("metadata", "metadata"),
)


def _settings(definition: WorkflowDef) -> Iterator[tuple[str, JsonValue]]:
    usual = WorkflowDef(name="", tasks=())
    for field, setting in _PLAIN:
        value = getattr(definition, field)
        if value != getattr(usual, field):
            yield setting, value
        if field == "owner_email":
            yield from _timeout(definition)
    limit = definition.rate_limit_config
    if limit is not None and limit.rate_limit_key is not None and limit.concurrent_exec_limit > 0:
        yield "rate_limit", (limit.rate_limit_key, limit.concurrent_exec_limit)
    for side, schema in (("input", definition.input_schema), ("output", definition.output_schema)):
        if schema is not None and schema.type == SchemaType.JSON and schema.data is not None:
            yield f"{side}_schema", schema.data


def _timeout(definition: WorkflowDef) -> Iterator[tuple[str, JsonValue]]:
    if definition.timeout_seconds > 0:
        yield "timeout", duration(definition.timeout_seconds)
    usual = WorkflowTimeoutPolicy.TIME_OUT_WF if definition.timeout_seconds > 0 else WorkflowTimeoutPolicy.ALERT_ONLY
    if definition.timeout_policy != usual:
        yield "timeout_policy", definition.timeout_policy.value


# Trying


def workflow_of(written: Written, environment: Mapping[Variable, object]) -> Workflow[..., Any]:
    """
    Return the workflow that a function makes.

    Args:
        written: The function.
        environment: What the variables of its module stand for; looked at when the workflow is first needed.
    """
    from podium.dsl.workflows import Workflow

    def body(**arguments: JsonValue) -> Authored:
        own = {each.variable: arguments[each.name] for each in written.function.parameters}
        return perform(written.function.body, {**environment, **own})

    keyword, required = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    with closed():
        defaults = {
            each.name: required if each.default is None else evaluate(each.default, environment)
            for each in written.function.parameters
        }
    signature = [inspect.Parameter(name, keyword, default=default) for name, default in defaults.items()]
    body.__signature__ = inspect.Signature(signature)  # type: ignore[attr-defined]  # as in stubs.py
    body.__annotations__ = {each.name: HINTS.get(each.annotation, Any) for each in written.function.parameters}
    return Workflow.from_function(body, written.header)


def faithful(written: Written, environment: Mapping[Variable, object]) -> Written | None:
    """
    Return a function that builds the definition that it was written for; None if it does not, whatever its types.

    A default tells the type of its parameter. Where a builder takes another type than that, the parameter takes any.
    """
    if _is_faithful(written, environment):
        return written
    typed = written.function.parameters
    found = _with_types(written, [attrs.evolve(each, annotation="Any") for each in typed])
    if not _is_faithful(found, environment):
        return None
    for at, parameter in enumerate(typed):
        known = found.function.parameters
        tried = _with_types(found, [*known[:at], parameter, *known[at + 1 :]])
        if _is_faithful(tried, environment):
            found = tried
    return found


def _with_types(written: Written, parameters: Sequence[FunctionParameter]) -> Written:
    return attrs.evolve(written, function=attrs.evolve(written.function, parameters=tuple(parameters)))


def _is_faithful(written: Written, environment: Mapping[Variable, object]) -> bool:
    try:
        return is_same(workflow_of(written, environment).definition, written.definition)
    except (PodiumError, RecursionError, LookupError, TypeError, ValueError, AttributeError):
        return False
