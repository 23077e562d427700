"""
What an author says about retries, timeouts and limits, and the `TaskDef` that it makes.

Durations are texts such as ``"5s"``, ``"250ms"``, ``"1h 30m"``, numbers of seconds or a ``timedelta``. Podium's engine
counts milliseconds; Conductor counts whole seconds (jitter: milliseconds), and reads fractions rounded up.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias, TypedDict, TypeVar

import attrs

from podium.dsl.arguments import check_settings, typed
from podium.dsl.places import brief, call_site
from podium.dsl.refs import refuse
from podium.dsl.step_fields import call_fields, state_events
from podium.dsl.values import render
from podium.model import codec, json_text
from podium.model.definitions import CacheConfig, SchemaDef, StateChangeEvent, TaskDef, WorkflowTask
from podium.model.durations import exact_seconds, in_milliseconds, seconds
from podium.model.errors import DefinitionError
from podium.model.statuses import IdempotencyStrategy, JoinMode, RetryLogic, SchemaType, TaskTimeoutPolicy
from podium.typed.authored import Authored, AuthoredObject

T = TypeVar("T")

_log = logging.getLogger("podium")

#: Lengths that other tools read, and that have parts of seconds.
_PART_OF_SECONDS = re.compile(r"\s*(?:[\d.]+\s*(?:ms|milli\w*)|\d*\.\d+\s*(?:s|secs?|seconds?)?)\s*", re.IGNORECASE)
_INSTEAD = "write '1s', or 0 for at once"

#: A length of time: a text such as ``"30s"``, seconds, or a timedelta.
Duration: TypeAlias = str | float | timedelta

#: An event at a change of state; a text is its type.
StateEvent: TypeAlias = "StateChangeEvent | AuthoredObject | str"


class CommonSettings(TypedDict, total=False):
    """What can be said of a task, and of one step of it."""

    #: How many times a failed attempt is followed by another; Conductor's default is 3.
    retries: int
    #: Time before the next attempt; Conductor's default is 60 s.
    retry_delay: Duration
    #: ``FIXED``, ``LINEAR_BACKOFF`` or ``EXPONENTIAL_BACKOFF``.
    retry_logic: RetryLogic | str
    #: Factor of ``LINEAR_BACKOFF``.
    backoff_scale: int
    #: Longest delay between attempts.
    max_retry_delay: Duration
    #: Upper bound of a random addition to the delay.
    jitter: Duration
    #: Longest time of one attempt.
    timeout: Duration
    #: Longest silence of a worker; by default the timeout, at most an hour.
    response_timeout: Duration
    #: Longest time of all attempts together.
    total_timeout: Duration
    #: Longest wait for a worker.
    poll_timeout: Duration
    #: ``RETRY`` (ours when a timeout is given), ``TIME_OUT_WF`` (Conductor's default) or ``ALERT_ONLY``.
    timeout_policy: TaskTimeoutPolicy | str
    #: Attempts in progress at once, over all runs.
    concurrency_limit: int
    #: Attempts per time: ``(10, "1s")``; a number alone is per second.
    rate_limit: int | tuple[int, Duration]
    description: str
    #: E-mail address of the owner.
    owner: str
    #: Names of secrets delivered beside the input.
    secrets: tuple[str, ...]
    #: What the task takes and gives: a type such as a record class, a JSON Schema, or a `SchemaDef`.
    input_schema: type[Any] | AuthoredObject | SchemaDef
    output_schema: type[Any] | AuthoredObject | SchemaDef
    #: Refuse inputs and outputs that do not fit the schemas.
    enforce_schema: bool
    #: Names of inputs and outputs, which only document.
    input_keys: Sequence[str]
    output_keys: Sequence[str]
    #: Workers of this group have a queue of their own.
    isolation_group: str
    #: Workers of this name space have a queue of their own.
    execution_namespace: str
    #: Tell the status listener of the server about this task; Conductor's default is True.
    status_listener: bool
    #: Conductor's ``baseType``, which no server looks at.
    base_type: str


class TaskSettings(CommonSettings, total=False):
    """The settings of a task by name; each is optional."""

    #: Default inputs, used where an input is absent or null; True takes the defaults of the function's parameters.
    input_template: AuthoredObject | bool
    #: Write the schemas of input and output from the function's annotations.
    schemas: bool


class StepOptions(CommonSettings, total=False):
    """The options of one step: those of its task, and what concerns this place only."""

    #: Default inputs, used where an input is absent or null.
    input_template: AuthoredObject

    #: A failure does not fail the workflow.
    optional: bool
    #: A failure does not stop the siblings, but fails the run at its end.
    permissive: bool
    #: Time before the step may start.
    start_delay: Duration
    #: The step is finished by an update from outside.
    async_complete: bool
    #: The task's name, where it differs from the reference name (system tasks find their `TaskDef` by it).
    task_name: str
    #: Key and time to live of a result that may be used again.
    cache: tuple[str, Duration]
    #: ``SYNC`` or ``ASYNC``, for a JOIN.
    join_mode: JoinMode | str
    #: Conductor's ``joinStatus`` of a JOIN, which no server looks at.
    join_status: str
    #: Conductor's ``rateLimited``, which no server looks at; `rate_limit` is what limits.
    rate_limited: bool
    #: State (``onScheduled``, ``onStart``, ``onSuccess``, ``onFailed``, ``onCancelled``) to the events published then:
    #: ``{"onFailed": {"type": "audit", "payload": {...}}}``.
    on_state_change: Mapping[str, StateEvent | Sequence[StateEvent]]
    metadata: AuthoredObject
    #: For steps that run a workflow: task name (or ``*``) to the domain whose workers do it there.
    task_to_domain: Mapping[str, str]
    #: For steps that run a workflow: 0 to 99, more is sooner.
    priority: int
    #: For steps that run a workflow: the other run is started once per key.
    idempotency_key: str
    #: ``FAIL``, ``RETURN_EXISTING`` or ``FAIL_ON_RUNNING``: what a second start with the key does.
    idempotency_strategy: IdempotencyStrategy | str
    #: A task definition to carry along as it is, as an object or as JSON; the settings above then change nothing in it.
    task_definition: TaskDef | AuthoredObject
    #: Keys of the step's JSON that have no option here; they win over everything else, and None takes a key away.
    json: AuthoredObject


def whole_seconds(value: Duration, setting: str) -> int:
    """
    Return a duration in whole seconds, rounded up, which is said in the log ``podium``.

    Raises:
        AuthoringError: P1, it is no duration, or negative.
    """
    try:
        length = seconds(value)
    except (ValueError, AttributeError, TypeError):
        if isinstance(value, str) and _PART_OF_SECONDS.fullmatch(value):
            return refuse(
                f"{setting}={value!r:.40} is no whole number of seconds, and Conductor counts those; {_INSTEAD}"
            )
        return refuse(f"{setting}={value!r:.40} is no duration; write a text such as '5s', seconds or a timedelta")
    exact = value.total_seconds() if isinstance(value, timedelta) else value
    if not isinstance(exact, str) and exact != length:
        _log.warning(
            "%s: %s=%r becomes %d s, because Conductor counts whole seconds", call_site(), setting, value, length
        )
    return length


def some_seconds(value: Duration, setting: str) -> int:
    """
    Return a duration in whole seconds, which is longer than nothing.

    Raises:
        AuthoringError: P1, it is none, or 0.
    """
    return whole_seconds(value, setting) or refuse(f"{setting}={value!r:.40} must be longer than nothing")


def lasting(value: Duration, setting: str) -> float:
    """
    Return a duration in seconds, to the millisecond; ``"250ms"`` and ``"1.5s"`` are understood too.

    Raises:
        AuthoringError: P1, it is no duration, or negative.
    """
    try:
        return exact_seconds(value)
    except (ValueError, AttributeError, TypeError):
        return refuse(f"{setting}={value!r:.40} is no duration; write a text such as '5s', seconds or a timedelta")


def milliseconds(value: Duration, setting: str) -> int:
    """
    Return a duration in milliseconds; ``"250ms"`` and ``"1.5s"`` are understood too.

    Raises:
        AuthoringError: P1, it is no duration, or negative.
    """
    return in_milliseconds(lasting(value, setting))


#: Settings that are stored as they are, or as seconds, and the field that holds them.
_PLAIN = {
    "retries": "retry_count",
    "backoff_scale": "backoff_scale_factor",
    "concurrency_limit": "concurrent_exec_limit",
    "description": "description",
    "owner": "owner_email",
    "input_template": "input_template",
    "enforce_schema": "enforce_schema",
    "isolation_group": "isolation_group_id",
    "execution_namespace": "execution_name_space",
    "status_listener": "task_status_listener_enabled",
    "base_type": "base_type",
}
_SECONDS = {
    "retry_delay": "retry_delay_seconds",
    "max_retry_delay": "max_retry_delay_seconds",
    "timeout": "timeout_seconds",
    "response_timeout": "response_timeout_seconds",
    "total_timeout": "total_timeout_seconds",
    "poll_timeout": "poll_timeout_seconds",
}
_LISTS = {"secrets": "runtime_metadata", "input_keys": "input_keys", "output_keys": "output_keys"}
#: Options that are stored as they are, in a field of the same name.
_OF_PLACE = ("optional", "permissive", "async_complete", "description", "metadata", "join_status", "rate_limited")
_OF_BOTH = frozenset({*CommonSettings.__annotations__, "input_template"})


@brief
def check_names(given: Mapping[str, Authored], *, step: bool) -> None:
    """
    Refuse a setting that does not exist, or whose value is of another type.

    Raises:
        AuthoringError: P1, with the nearest name, or what is expected.
    """
    declared = StepOptions if step else TaskSettings
    check_settings(given, declared, later=("priority",))
    with typed("", {name: value for name, value in given.items() if name != "task_to_domain"}, declared):
        pass  # what is left out has words of its own


@brief
def apply_to_task_def(base: TaskDef, settings: Mapping[str, Authored]) -> TaskDef:
    """
    Change a task definition by an author's settings.

    A timeout brings the policy RETRY unless one is given: who asks for retries wants them after a timeout too
    (Conductor's own default ends the whole run). The response timeout follows the timeout down, because Conductor
    refuses a definition whose response timeout is the longer one.

    Raises:
        AuthoringError: P1, a value is wrong; V1, Conductor would refuse the definition.
    """
    changes: dict[str, Authored] = {field: settings[name] for name, field in _PLAIN.items() if name in settings}
    changes |= {field: lasting(settings[name], name) for name, field in _SECONDS.items() if name in settings}
    if "jitter" in settings:
        changes["backoff_jitter_ms"] = milliseconds(settings["jitter"], "jitter")
    if "retry_logic" in settings:
        changes["retry_logic"] = _word(RetryLogic, settings["retry_logic"], "retry_logic")
    if "timeout_policy" in settings:
        changes["timeout_policy"] = _word(TaskTimeoutPolicy, settings["timeout_policy"], "timeout_policy")
    elif {"timeout", "total_timeout", "poll_timeout"} & settings.keys():
        changes["timeout_policy"] = TaskTimeoutPolicy.RETRY
    if "rate_limit" in settings:
        changes |= _rate_limit(settings["rate_limit"])
    changes |= schema_fields(base.name, settings)
    changes |= {field: tuple(settings[name]) for name, field in _LISTS.items() if name in settings}
    limit = changes.get("timeout_seconds", base.timeout_seconds)
    if "response_timeout" not in settings and 0 < limit < base.response_timeout_seconds:
        changes["response_timeout_seconds"] = limit
    result = attrs.evolve(base, **changes)
    _check_limits(result)
    return result


def schema_fields(name: str, settings: Mapping[str, Authored]) -> dict[str, SchemaDef]:
    """
    Return the schemas that an author has set, by the fields that hold them.

    Args:
        name: The task's or the workflow's name; the schemas are called ``<name>_input`` and ``<name>_output``.
        settings: As `TaskSettings`.
    """
    sides = [side for side in ("input_schema", "output_schema") if settings.get(side) is not None]
    return {side: _schema(f"{name}_{side.partition('_')[0]}", settings[side], side) for side in sides}


def _schema(name: str, given: Authored, side: str) -> SchemaDef:
    if isinstance(given, SchemaDef):
        return given
    if not isinstance(given, Mapping):
        from podium.dsl.schemas import output_schema, schema_of

        try:
            given = schema_of(given) if side == "input_schema" else output_schema(given)
        except TypeError:
            refuse(f"{side}={given!r:.60} is no schema; give a record class or another type, JSON, or a SchemaDef")
    return SchemaDef(name=name, type=SchemaType.JSON, data=given)


def _rate_limit(value: Authored) -> dict[str, int]:
    count, per = value if isinstance(value, tuple) else (value, 1)
    return {
        "rate_limit_per_frequency": count,
        "rate_limit_frequency_in_seconds": some_seconds(per, "rate_limit"),
    }


def _word(kind: type[RetryLogic | TaskTimeoutPolicy | JoinMode], value: object, setting: str) -> Authored:
    try:
        return kind(str(value).upper())
    except ValueError:
        return refuse(f"{setting}={value!r} must be one of {', '.join(kind)}")


def _check_limits(result: TaskDef) -> None:
    # Conductor: TaskTimeoutConstraint.java, TaskDef.java.
    if result.retry_count < 0:
        refuse(f"retries={result.retry_count} must be 0 or more", code="V1")
    for setting, limit in (
        ("concurrency_limit", result.concurrent_exec_limit),
        ("rate_limit", result.rate_limit_per_frequency),
    ):
        if limit is not None and limit < 0:
            refuse(f"{setting}={limit} must be 1 or more; 0, as in Conductor, is no limit", code="V1")
    if result.response_timeout_seconds <= 0:
        refuse("response_timeout must be longer than nothing", code="V1")
    if 0 < result.timeout_seconds < result.response_timeout_seconds:
        refuse("response_timeout must not be longer than timeout", code="V1")
    if 0 < result.total_timeout_seconds < result.timeout_seconds:
        refuse("timeout must not be longer than total_timeout", code="V1")
    if result.backoff_scale_factor < 1:
        refuse("backoff_scale must be at least 1", code="V1")


def apply_to_step(task: WorkflowTask, base: TaskDef, options: Mapping[str, Authored]) -> WorkflowTask:
    """
    Change a step by its options.

    Retries, the delay and the timeouts of one step need a task definition of its own, which is embedded; the number
    of retries has a field of its own too, and wins over every definition.

    Args:
        task: The step.
        base: The definition that the step would run under.
        options: As `StepOptions`.
    """
    changes: dict[str, Authored] = {name: options[name] for name in _OF_PLACE if name in options}
    changes |= call_fields(task, options)
    if "on_state_change" in options:
        changes["on_state_change"] = state_events(options["on_state_change"])
    if "retries" in options:
        if isinstance(options["retries"], int) and options["retries"] < 0:
            refuse(f"retries={options['retries']} must be 0 or more", code="V1")
        changes["retry_count"] = options["retries"]
    if "start_delay" in options:
        changes["start_delay"] = lasting(options["start_delay"], "start_delay")
    if "task_name" in options:
        changes["name"] = options["task_name"]
    if "join_mode" in options:
        changes["join_mode"] = _word(JoinMode, options["join_mode"], "join_mode")
    if "cache" in options:
        key, time_to_live = options["cache"]
        if isinstance(key, str) and not key.strip():
            refuse("cache needs a key, such as 'fare-${city}' with the step's inputs in it")
        changes["cache_config"] = CacheConfig(key=key, ttl_in_second=some_seconds(time_to_live, "cache"))
    own = {name: value for name, value in options.items() if name in _OF_BOTH and name != "description"}
    if "task_definition" in options:
        changes["task_definition"] = _read(options["task_definition"], TaskDef, "task_definition")
    elif own.keys() - {"retries"}:
        changes["task_definition"] = apply_to_task_def(base, own)
    result = attrs.evolve(task, **changes)
    return with_json(result, render(options["json"])) if "json" in options else result


def with_json(value: T, changes: AuthoredObject) -> T:
    """
    Return an object of the model with other values for some keys of its JSON.

    Args:
        value: A step or a workflow.
        changes: By the names of the JSON; None takes a key away.

    Raises:
        AuthoringError: V1, they do not fit.
    """
    try:
        json_text.check(changes)
    except ValueError as error:
        refuse(f"json: this cannot be JSON: {error}", code="V1")
    return _read({**codec.to_dict(value), **changes}, type(value), "json")


def _read(value: Authored, kind: type[T], setting: str) -> T:
    if isinstance(value, kind):
        return value
    try:
        return codec.from_dict(value, kind)
    except DefinitionError as error:
        return refuse(f"{setting}: {error}", code="V1")
