"""What an author says about a workflow as a whole, and the fields of the `WorkflowDef` that it makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from attrs import field, frozen

from podium.dsl.arguments import check_settings, typed
from podium.dsl.places import brief
from podium.dsl.refs import refuse
from podium.dsl.settings import (
    Duration,
    StepOptions,
    apply_to_step,
    check_names,
    lasting,
    schema_fields,
    whole_seconds,
    with_json,
)
from podium.dsl.values import prepare
from podium.model.definitions import CacheConfig, RateLimitConfig, SchemaDef, TaskDef, WorkflowDef, WorkflowTask
from podium.model.later import later
from podium.model.statuses import RateLimitPolicy, WorkflowTimeoutPolicy
from podium.typed.authored import Authored, AuthoredObject

if TYPE_CHECKING:
    from podium.dsl import scheduled
    from podium.dsl.called_workflow import CalledWorkflow
    from podium.model.schedules import Schedule
else:
    scheduled = later("podium.dsl.scheduled")


class UndoSettings(TypedDict, total=False):
    """What is the same for all that undoes the steps of a workflow; each is optional."""

    #: ``reverse``, the last step first, or ``parallel``, all at the same time.
    order: Literal["reverse", "parallel"]
    #: Longest time of all that undoes the workflow, together.
    timeout: Duration
    #: Options of each step that undoes one, such as ``{"retries": 5, "timeout": "30s"}``; those that are given to the
    #: task, ``step.undo(task.opts(...))``, win.
    each: StepOptions


class WorkflowSettings(TypedDict, total=False):
    """The settings of a workflow by name; each is optional."""

    version: int
    description: str
    #: E-mail address of the owner.
    owner: str
    #: Longest time of a run.
    timeout: Duration
    #: ``TIME_OUT_WF`` (ours when a timeout is given) or ``ALERT_ONLY`` (Conductor's default, which only logs).
    timeout_policy: WorkflowTimeoutPolicy | str
    #: The workflow to start when a run ends badly: itself, its name, or name and version; a name alone is the latest.
    failure_workflow: CalledWorkflow | str | tuple[str, int]
    #: How all that has an ``.undo(...)`` is undone: order, retries and time limits.
    undo: UndoSettings
    #: A completed run may be restarted.
    restartable: bool
    #: First values of the run's variables, as a map or as a record; references are not replaced in them.
    variables: object
    #: Tell the status listener of the server about this workflow's runs; a text is where it tells it
    #: (``workflowStatusListenerSink``).
    status_listener: bool | str
    #: At most so many runs at once with the same key: ``("${workflow.input.customer}", 2)``. A third value,
    #: ``"REJECT"``, refuses further runs instead of letting them wait.
    rate_limit: tuple[str, int] | tuple[str, int, RateLimitPolicy | str]
    #: Key and time to live of a result that may be used again.
    cache: tuple[str, Duration]
    #: When runs start by themselves: a cron expression, a `Schedule`, or several; registered with the workflow.
    schedule: str | Schedule | Sequence[str | Schedule]
    #: Write the schemas of input and output from the function's annotations.
    schemas: bool
    #: What the workflow takes and gives: a type such as a record class, a JSON Schema, or a `SchemaDef`.
    input_schema: type[Any] | AuthoredObject | SchemaDef
    output_schema: type[Any] | AuthoredObject | SchemaDef
    #: Conductor's default is True; False lets anything pass.
    enforce_schema: bool
    #: Names of fields that are never shown.
    masked_fields: tuple[str, ...]
    metadata: AuthoredObject
    #: The application that it belongs to.
    owner_app: str
    #: Name to value, for servers that know tags (Orkes).
    tags: Mapping[str, str]
    #: Replace the tags that the server has, instead of adding to them (Orkes).
    overwrite_tags: bool
    #: The names in ``inputParameters``, which only documents; without it, all the parameters.
    listed_inputs: Sequence[str]
    #: Keys of the definition's JSON that have no setting here; they win over everything else, None takes one away.
    json: AuthoredObject


@frozen(kw_only=True)
class Header:
    """A workflow's name, version and settings."""

    name: str
    version: int
    #: Fields of `WorkflowDef` beside tasks, inputs and outputs.
    fields: Mapping[str, Authored]
    #: The failure workflow, where it is one of ours.
    failure_workflow: CalledWorkflow | None = None
    #: How its steps are undone: ``order``, ``timeout`` in whole seconds, ``each`` the options of a step.
    undo: Mapping[str, Authored] | None = None
    #: Keys of the JSON that win over everything else.
    json: AuthoredObject = field(factory=dict)
    #: Write the schemas that the author has not written.
    schemas: bool = False
    #: When runs start by themselves.
    schedules: tuple[Schedule, ...] = ()


#: Settings that are stored as they are, and the field that holds them.
_PLAIN = {
    "description": "description",
    "owner": "owner_email",
    "restartable": "restartable",
    "variables": "variables",
    "owner_app": "owner_app",
    "metadata": "metadata",
    "enforce_schema": "enforce_schema",
}


@brief
def header_of(name: str, settings: Mapping[str, Authored]) -> Header:
    """
    Read an author's settings.

    Raises:
        AuthoringError: P1, a setting does not exist or has a wrong value; N2, the name is empty.
    """
    if not isinstance(name, str) or not name.strip():
        refuse(f"a workflow needs a name, not {name!r:.40}", code="N2")
    check_settings(settings, WorkflowSettings)
    with typed("", settings, WorkflowSettings):
        return _header(name, settings)


def _header(name: str, settings: Mapping[str, Authored]) -> Header:
    version = settings.get("version", 1)
    if not isinstance(prepare(settings.get("variables", {})), dict):
        refuse(f"variables={settings['variables']!r:.40} must be a map or a record")
    fields = {field: prepare(settings[setting]) for setting, field in _PLAIN.items() if setting in settings}
    failure = settings.get("failure_workflow")
    if failure is not None:
        fields |= _failure(failure)
    fields |= _timeout(settings) | schema_fields(name, settings)
    fields |= _listener(settings) | _limits(settings) | _tags(settings)
    if "masked_fields" in settings:
        fields["masked_fields"] = tuple(settings["masked_fields"])
    if "listed_inputs" in settings:
        fields["input_parameters"] = tuple(settings["listed_inputs"])
    ours = None if failure is None or isinstance(failure, str | tuple) else failure
    json = settings.get("json", {})
    schemas = bool(settings.get("schemas", False))
    undo = _undo(settings["undo"]) if settings.get("undo") is not None else None
    schedules = scheduled.schedules_of(name, settings["schedule"]) if "schedule" in settings else ()
    return Header(
        name=name,
        version=version,
        fields=fields,
        failure_workflow=ours,
        undo=undo,
        json=json,
        schemas=schemas,
        schedules=schedules,
    )


def _undo(given: Authored) -> Mapping[str, Authored]:
    if not isinstance(given, Mapping):
        refuse(f"undo={given!r:.60} must be a map such as {{'order': 'parallel', 'each': {{'retries': 5}}}}")
    check_settings(given, UndoSettings)
    order, each = given.get("order", "reverse"), given.get("each", {})
    if order not in {"reverse", "parallel"}:
        refuse(f"undo: order={order!r:.40} must be 'reverse' or 'parallel'")
    if not isinstance(each, Mapping):
        refuse(f"undo: each={each!r:.60} must be a map of options such as {{'retries': 5}}")
    check_names(each, step=True)
    apply_to_step(WorkflowTask(task_reference_name="undo"), TaskDef(), each)  # a wrong value is told at this line
    limit = {"timeout": lasting(given["timeout"], "undo: timeout")} if "timeout" in given else {}
    return {"order": order, "each": dict(each), **limit}


def _failure(failure: Authored) -> dict[str, Authored]:
    if isinstance(failure, str):
        return {"failure_workflow": failure}
    if isinstance(failure, tuple):
        match failure:
            case (str() as name, int() as version):
                return {"failure_workflow": name, "failure_workflow_version": version}
    if not hasattr(failure, "definition"):
        refuse(f"failure_workflow={failure!r:.40} must be a workflow, its name, or (name, version)")
    return {"failure_workflow": failure.name, "failure_workflow_version": failure.version}


def _listener(settings: Mapping[str, Authored]) -> dict[str, Authored]:
    given = settings.get("status_listener")
    if given is None:
        return {}
    enabled = {"workflow_status_listener_enabled": bool(given)}
    return {**enabled, "workflow_status_listener_sink": given} if isinstance(given, str) else enabled


def _limits(settings: Mapping[str, Authored]) -> dict[str, Authored]:
    fields: dict[str, Authored] = {}
    if "rate_limit" in settings:
        fields["rate_limit_config"] = _rate_limit(settings["rate_limit"])
    if "cache" in settings:
        match settings["cache"]:
            case (key, length):
                seconds = whole_seconds(length, "cache")
                fields["cache_config"] = CacheConfig(key=str(key), ttl_in_second=seconds)
            case other:
                refuse(f"cache={other!r:.60} must be a key and a time to live: ('${{workflow.input.id}}', '1h')")
    return fields


def _rate_limit(given: Authored) -> RateLimitConfig:
    match given:
        case (key, int() as count, *policy) if len(policy) < 2 and not isinstance(count, bool):
            word = str(policy[0]).upper() if policy else RateLimitPolicy.QUEUE.value
            if count < 1:
                refuse(f"rate_limit: {count} runs at once; at least 1 must be let in")
            if word not in set(RateLimitPolicy):
                refuse(f"rate_limit: {policy[0]!r:.40} must be one of {', '.join(RateLimitPolicy)}")
            chosen = RateLimitPolicy(word)
            return RateLimitConfig(rate_limit_key=str(key), concurrent_exec_limit=count, policy=chosen)
    return refuse(f"rate_limit={given!r:.60} must be a key and a number: ('${{workflow.input.customer}}', 2)")


def _tags(settings: Mapping[str, Authored]) -> dict[str, Authored]:
    extra: dict[str, Authored] = {}
    if "tags" in settings:
        given = settings["tags"]
        if not isinstance(given, Mapping):
            refuse(f"tags={given!r:.60} must map names to values")
        extra["tags"] = [{"type": "METADATA", "key": key, "value": str(value)} for key, value in given.items()]
    if "overwrite_tags" in settings:
        extra["overwriteTags"] = bool(settings["overwrite_tags"])
    return {"extra": extra} if extra else {}


def _timeout(settings: Mapping[str, Authored]) -> dict[str, Authored]:
    fields: dict[str, Authored] = {}
    if "timeout" in settings:
        fields["timeout_seconds"] = lasting(settings["timeout"], "timeout")
        fields["timeout_policy"] = WorkflowTimeoutPolicy.TIME_OUT_WF
    if "timeout_policy" in settings:
        try:
            fields["timeout_policy"] = WorkflowTimeoutPolicy(str(settings["timeout_policy"]).upper())
        except ValueError:
            refuse(f"timeout_policy must be one of {', '.join(WorkflowTimeoutPolicy)}")
    return fields


def definition_of(header: Header, **fields: Authored) -> WorkflowDef:
    """Return a definition with this header; what the author has set wins over *fields*."""
    definition = WorkflowDef(name=header.name, version=header.version, **{**fields, **header.fields})
    return with_json(definition, header.json) if header.json else definition
