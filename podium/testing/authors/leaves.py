"""Tasks that hold no others."""

from __future__ import annotations

from podium.model.definitions import CacheConfig, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonValue
from podium.testing.authors.pen import DefinitionWriter, PlaceContext, PlaceKind, system, task_def
from podium.testing.authors.shapes import PEOPLE, RUN_INPUT, WORKERS

#: Scripts that give back what they are told.
SAME: tuple[dict[str, JsonValue], ...] = (
    {"evaluatorType": "javascript", "expression": "({same: $.v})"},
    {"evaluatorType": "javascript", "expression": "({same: $.v})"},
    {"evaluatorType": "python", "expression": "return {'same': v}"},
)


def worker(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a worker's task."""
    rng = pen.rng
    name = rng.choice(WORKERS)
    fate = rng.random()
    return [
        WorkflowTask(
            name=name,
            task_reference_name=pen.ref("t"),
            input_parameters={"in": pen.value(scene)},
            optional=fate < 0.1,
            permissive=0.1 <= fate < 0.15,
            retry_count=rng.choice((None, None, None, 0, 1, 3)),
            start_delay=rng.choice((0, 0, 0, 0, 0, 2, 0.25)),
            task_definition=task_def(rng, name, pen.shape) if rng.random() < 0.3 else None,
            cache_config=_cache(pen) if rng.random() < 0.1 else None,
        ),
    ]


def _cache(pen: DefinitionWriter) -> CacheConfig:
    """Write how long its output is used again, and for which inputs."""
    return CacheConfig(key=pen.rng.choice(("${in}", "always")), ttl_in_second=pen.rng.choice((1, 60, 3600)))


def plain_worker(pen: DefinitionWriter) -> WorkflowTask:
    """Write a worker's task that does nothing but end."""
    ref = pen.ref("t")
    return WorkflowTask(name=pen.rng.choice(WORKERS), task_reference_name=ref)


def outsider(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a request, a statement, a message to others, or a task of a type that the engine does not know."""
    value = pen.value(scene)
    made: dict[str, dict[str, JsonValue]] = {
        "HTTP": {"http_request": {"uri": "http://localhost/x", "method": "GET", "body": value}},
        "JDBC": {"connectionId": "db", "statement": "SELECT 1", "type": "SELECT", "parameters": [value]},
        "KAFKA_PUBLISH": {"kafka_request": {"topic": "t", "value": value, "bootStrapServers": "localhost:9092"}},
        "GET_WORKFLOW": {"id": "some run", "v": value},
        "HTTP_POLL": {"http_request": _poll(pen), "v": value},
        "SEND_FAX": {"in": value},
    }
    kind = pen.rng.choice(sorted(made))
    ref = pen.ref("out")
    definition = task_def(pen.rng, ref, pen.shape)
    optional = pen.rng.random() < 0.2
    return [system(kind, ref, input_parameters=made[kind], task_definition=definition, optional=optional)]


def _poll(pen: DefinitionWriter) -> dict[str, JsonValue]:
    """Write a request that is sent until its answer is the one that is wanted, which it may never be."""
    wanted = ("$.output.n > 1", "$.output.case == 'A' ? -1 : $.output.n", "$.output.items.length ? [] : ''")
    if pen.shape.is_gentle:
        wanted = ("$.output.ref != ''",) * 3
    return {
        "uri": "http://localhost/x",
        "terminationCondition": pen.rng.choice(wanted),
        "pollingInterval": pen.rng.choice((1, "5")),
        "pollingStrategy": pen.rng.choice(("FIXED", "LINEAR_BACKOFF", "EXPONENTIAL_BACKOFF", None)),
        "maxPollCount": pen.rng.randint(1, 3),
    }


def quick(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a task that is done at once."""
    value = pen.value(scene)
    made: dict[str, dict[str, JsonValue]] = {
        "INLINE": {"v": value, **pen.rng.choice(SAME)},
        "LAMBDA": {"v": value, "scriptExpression": "if ($.v) { return {yes: $.v}; } return {no: [$.v]};"},
        "JSON_JQ_TRANSFORM": {"v": value, "queryExpression": "{same: .v}, [.v, 1]"},
        "SET_VARIABLE": {pen.rng.choice("vvw"): value},
        "NOOP": {"v": value},
    }
    kind = pen.rng.choice(sorted(made))
    return [system(kind, pen.ref("q"), input_parameters=made[kind])]


def event(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a message to a queue of the engine."""
    sink = pen.rng.choice(("conductor", "conductor:orders"))
    return [system(TaskType.EVENT, pen.ref("event"), sink=sink, input_parameters={"v": pen.value(scene)})]


def broken_script(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a script or a query that fails, whatever it is told."""
    made: dict[str, dict[str, JsonValue]] = {
        "INLINE": {"expression": "$.nothing.at.all", "v": pen.value(scene)},
        "LAMBDA": {"scriptExpression": "throw 'away';"},
        "JSON_JQ_TRANSFORM": {"queryExpression": ".v | error"},
    }
    kind = pen.rng.choice(sorted(made))
    fate = pen.rng.random()
    return [
        system(
            kind,
            pen.ref("bad"),
            input_parameters=made[kind],
            optional=fate < 0.6,
            permissive=0.6 <= fate < 0.8,
            retry_count=pen.rng.choice((None, 1)),
        ),
    ]


def wait(pen: DefinitionWriter, _: PlaceContext) -> list[WorkflowTask]:
    """Write a WAIT."""
    duration = pen.rng.choice(("0 seconds", "1 second", "2 seconds", "3 seconds", "1 minute"))
    return [system(TaskType.WAIT, pen.ref("wait"), input_parameters={"duration": duration})]


def person(pen: DefinitionWriter, _: PlaceContext) -> list[WorkflowTask]:
    """Write a task that somebody ends by a word."""
    kind = pen.rng.choice(PEOPLE)
    inputs: dict[str, JsonValue] = {"matches": {"$['type']": "paid"}} if kind == "WAIT_FOR_WEBHOOK" else {}
    return [system(kind, pen.ref("word"), input_parameters=inputs)]


def messages(pen: DefinitionWriter, _: PlaceContext) -> list[WorkflowTask]:
    """Write a task that takes messages, and may wait for one."""
    inputs: dict[str, JsonValue] = {
        "batchSize": pen.rng.randint(1, 2),
        "blocking": pen.shape.has_messages and pen.rng.random() < 0.5,
    }
    return [system(TaskType.PULL_WORKFLOW_MESSAGES, pen.ref("pull"), input_parameters=inputs)]


def dynamic(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a task whose name is an input."""
    name = pen.rng.choice((*WORKERS[:3], "NOOP", "JSON_JQ_TRANSFORM"))
    inputs = {"which": name, "v": pen.value(scene), "queryExpression": "{same: .v}"}
    # Without a definition of its own it has no response timeout: what a worker forgets stays forgotten.
    definition = task_def(pen.rng, name, pen.shape)
    return [
        system(
            TaskType.DYNAMIC,
            pen.ref("dyn"),
            input_parameters=inputs,
            dynamic_task_name_param="which",
            task_definition=definition,
        ),
    ]


def nameless(pen: DefinitionWriter, _: PlaceContext) -> list[WorkflowTask]:
    """Write a DYNAMIC task that has no name when it is reached."""
    inputs: dict[str, JsonValue] = {"which": "${workflow.input.no}"}
    return [system(TaskType.DYNAMIC, pen.ref("dyn"), input_parameters=inputs, dynamic_task_name_param="which")]


def terminate(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write the end of the run."""
    status = pen.rng.choice(("COMPLETED", "FAILED", "TERMINATED"))
    output: JsonValue = {"by": "terminate", "value": pen.value(scene)}
    inputs = {"terminationStatus": status, "workflowOutput": output}
    return [system(TaskType.TERMINATE, pen.ref("end"), input_parameters=inputs)]


def start_workflow(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write the start of another run."""
    if not pen.registered:
        return worker(pen, scene)
    request = {"name": pen.rng.choice(pen.registered).name, "input": RUN_INPUT}
    return [system(TaskType.START_WORKFLOW, pen.ref("start"), input_parameters={"startWorkflow": request})]


KINDS = (
    PlaceKind(40, worker),
    PlaceKind(2, outsider),
    PlaceKind(6, quick),
    PlaceKind(1, event),
    PlaceKind(4, wait),
    PlaceKind(2, person),
    PlaceKind(1, messages),
    PlaceKind(2, dynamic),
    PlaceKind(1, start_workflow),
    PlaceKind(3, broken_script, is_mean=True),
    PlaceKind(1, nameless, is_mean=True),
    PlaceKind(2, terminate, is_mean=True),
)
