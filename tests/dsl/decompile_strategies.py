"""Random definitions for the tests of generated source: every kind of task, and texts that would like to be code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from hypothesis import strategies as st

from podium.model import codec
from podium.model.definitions import WorkflowDef

Json: TypeAlias = Any
#: Draws from a strategy.
Draw: TypeAlias = Callable[[st.SearchStrategy[Any]], Any]

#: A name that must never be called: it is in the texts only.
PAYLOAD = "pwned"

#: Pieces that break out of source that is pasted together, or that Python reads otherwise than it was meant.
FRAGMENTS = [
    *(
        "",
        "a",
        "word and word",
        "x" * 130,
        "long " * 40,
        "line\nline",
        "\n\n\n",
        "a\r\nb\r\n\tc",
        "\\",
        "\\n",
        "'",
        '"',
    ),
    *(
        "'''",
        '"""',
        '"""\\',
        "#",
        f'"); {PAYLOAD}(); ("',
        f"'''; {PAYLOAD}()\n'''",
        f"{{{PAYLOAD}()}}",
        f"${{{PAYLOAD}()}}",
    ),
    *(
        f"\n{PAYLOAD}()\n",
        f"\n    return {PAYLOAD}()\n",
        "$${a}",
        "${",
        "}",
        "${a",
        "a}",
        "{{x}}",
        "{",
        "%s",
        "\0",
        "\x1b[2J",
    ),
    *(
        "\ud800",
        "\u202e",
        "\u2028",
        "é",
        "ﬁ",
        "\N{MATHEMATICAL FRAKTUR CAPITAL U}",
        "日本",
        "\N{ZERO WIDTH SPACE}",
        "N\\N{BULLET}",
        "trailing \\",
        "trailing '",
        'end"',
    ),
    *(
        "${workflow.input.a}",
        "${workflow.input}",
        "${workflow.input.class}",
        "${workflow.input['a b'].c[0]}",
        "${t1.output.x}",
    ),
    *(
        "${t1.output.result}",
        "${t2.output.response.body.x}",
        "${t3.output['x'].y}",
        "${workflow.variables.v.w}",
        "${t1.status}",
    ),
    *(
        "${workflow.secrets.KEY}",
        "${workflow.env.REGION}",
        "${workflow.workflowId}",
        "${t1.output.items[*].x}",
        "${t9.output}",
    ),
    *(
        "${t1.output.${workflow.input.a}}",
        "a ${t1.output.x} b ${workflow.input.a}",
        "${t2.output.x}\n${t1.output['a\"b']}\n'",
    ),
    *(
        "${self.output}",
        "${t1.output.contains}",
        "${t1.output._x}",
        "${t1.output.class}",
        "${ t1.output }",
        "${t1.taskId}",
    ),
]
NAMES = [
    *(
        "t1",
        "t2",
        "t3",
        "t4",
        "t5",
        "t6",
        "t7",
        "t8",
        "a",
        "task",
        "switch",
        "workflow",
        "class",
        "def",
        "print",
        "podium",
    ),
    *(
        "Any",
        "json",
        "self",
        "None",
        "case",
        "a b",
        "a-b",
        "a__b",
        "a.b",
        "__debug__",
        "_x",
        "1st",
        "charge",
        "reserve_order",
    ),
    *(
        "ref",
        "js",
        "é",
        "ﬁ",
        'x"y',
        "x\ny",
        "t1_ref",
        "t1_join",
        "t1_merge",
        "$",
        "stub",
        "wf",
        "evaluator",
        "returns",
        "name",
    ),
]

texts = st.one_of(
    st.sampled_from(FRAGMENTS),
    st.text(max_size=12),
    st.lists(st.sampled_from(FRAGMENTS), min_size=2, max_size=4).map("".join),
)
names = st.sampled_from(NAMES) | st.text(min_size=1, max_size=6)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | texts, inner, max_size=3),
    max_leaves=6,
)
inputs = st.dictionaries(names, values, max_size=3)

#: Inputs that builders know, with right and wrong values.
_KNOWN: dict[str, dict[str, st.SearchStrategy[Json]]] = {
    "HTTP": {
        "http_request": st.fixed_dictionaries(
            {"uri": texts},
            optional={
                "method": st.sampled_from(["GET", "post", "${t1.output.x}"]) | scalars,
                "headers": inputs,
                "body": values,
                "connectionTimeOut": st.just(3000) | texts,
                "vipAddress": texts,
            },
        )
    },
    "INLINE": {
        "expression": st.sampled_from(["$.a + $.t1_x", "$.a * 2 > 3", "[1, 2].includes($.a)", "return 1"]) | texts,
        "evaluatorType": st.sampled_from(["javascript", "graaljs", "python"]),
        "a": st.just("${workflow.input.a}"),
    },
    "JSON_JQ_TRANSFORM": {"queryExpression": texts},
    "WAIT": {"duration": st.sampled_from(["10 seconds", "1 day", "${t1.output.x}", "never"]), "until": texts},
    "TERMINATE": {"terminationStatus": st.sampled_from(["COMPLETED", "FAILED", "x"]), "terminationReason": texts},
    "START_WORKFLOW": {
        "startWorkflow": st.fixed_dictionaries({"name": texts}, optional={"input": inputs, "version": scalars})
    },
    "KAFKA_PUBLISH": {
        "kafka_request": st.fixed_dictionaries({"topic": texts, "bootStrapServers": texts, "value": values})
    },
    "DYNAMIC": {"taskToExecute": texts},
    "FORK_JOIN_DYNAMIC": {"forkTaskName": names, "forkTaskInputs": st.lists(scalars, max_size=2) | texts},
    "PULL_WORKFLOW_MESSAGES": {"batchSize": st.integers(1, 3), "blocking": st.booleans()},
}
_LEAVES = [
    *("SIMPLE",) * 5,
    *_KNOWN,
    *("HUMAN", "SET_VARIABLE", "NOOP", "EVENT", "JOIN", "EXCLUSIVE_JOIN", "SUB_WORKFLOW", "LAMBDA", "YIELD", "MINE"),
]
_CONDITIONS = [
    *(
        "$.a > 1 ? 'true' : 'false'",
        "$.a == \"x\" && !$.b ? 'true' : 'false'",
        "$.switchCaseValue",
        "case",
        "switchCaseValue",
    ),
    *('["A", "B"].includes(String($.switchCaseValue)) ? "A" : String($.switchCaseValue)', "$.a > 0"),
]
_LOOPS = [
    *("if ($.t1['iteration'] >= 3) { false; } else { true; }", "if ($.a) { true; } else { false; }", "true", "false"),
    *("if ($.t2['x'] == \"DONE\" || $.t1['iteration'] >= 3) { false; } else { true; }", "$.t1['iteration'] < $.a"),
]

_options = st.fixed_dictionaries(
    {},
    optional={
        "description": texts,
        "optional": st.booleans(),
        "permissive": st.booleans(),
        "asyncComplete": st.booleans(),
        "startDelay": st.integers(0, 100),
        "retryCount": st.integers(0, 5),
        "rateLimited": st.booleans(),
        "joinStatus": texts,
        "taskDefinition": st.fixed_dictionaries(
            {"name": names},
            optional={"retryCount": st.integers(0, 5), "timeoutSeconds": st.integers(0, 9), "description": texts},
        ),
        "metadata": st.dictionaries(names, values, max_size=2),
        "cacheConfig": st.fixed_dictionaries({"key": texts, "ttlInSecond": st.integers(0, 9)}),
        "onStateChange": st.dictionaries(names, st.just([{"type": "x", "payload": {"a": "${t1.status}"}}]), max_size=1),
        "unknownKey": values,
    },
)


@st.composite
def tasks(draw: Draw, depth: int) -> list[Json]:
    """Draw one task, or a fork and what stands behind it."""
    kinds = _LEAVES if depth == 0 else [*_LEAVES, *("SWITCH", "DECISION", "DO_WHILE", "FORK_JOIN") * 4]
    kind = draw(st.sampled_from(kinds))
    name = draw(names)
    task: dict[str, Json] = {
        "name": draw(st.just(name) | names),
        "taskReferenceName": name,
        "type": kind,
        "inputParameters": draw(inputs),
    }
    if draw(st.integers(0, 3)) == 0:
        task |= draw(_options)
    known = _KNOWN.get(kind)
    if known is not None and draw(st.booleans()):
        task["inputParameters"] = draw(st.fixed_dictionaries({}, optional=known))
    more = _MORE.get(kind)
    return more(draw, task, depth) if more is not None else [task]


def _bodies(depth: int) -> st.SearchStrategy[list[Json]]:
    return st.lists(tasks(depth - 1), max_size=2).map(lambda found: [task for part in found for task in part])


def _choice(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    given = draw(
        st.sampled_from(
            [{"switchCaseValue": "${t1.output.x}"}, {"case": "${workflow.input.a}"}, {"a": "${t1.output.x}"}, {}]
        )
    )
    labels = st.sampled_from(["true", "false", "A", "B", "1"]) | texts
    task |= {
        "inputParameters": given,
        "decisionCases": draw(st.dictionaries(labels, _bodies(depth), max_size=3)),
        "defaultCase": draw(_bodies(depth)),
    }
    if task["type"] == "SWITCH":
        task["evaluatorType"] = draw(st.sampled_from(["javascript", "value-param", "graaljs"]))
        task["expression"] = draw(st.sampled_from(_CONDITIONS) | texts)
    else:
        task[draw(st.sampled_from(["caseValueParam", "caseExpression"]))] = draw(st.just("case") | texts)
    joined = [
        each["taskReferenceName"] for body in (*task["decisionCases"].values(), task["defaultCase"]) for each in body
    ]
    merge = {
        "name": f"{task['name']}_merge",
        "taskReferenceName": f"{task['name']}_merge",
        "type": "EXCLUSIVE_JOIN",
        "joinOn": joined,
    }
    return [task, merge] if draw(st.booleans()) else [task]


def _loop(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    task["loopOver"] = draw(_bodies(depth))
    task["loopCondition"] = draw(st.sampled_from(_LOOPS) | texts)
    given = draw(
        st.fixed_dictionaries({}, optional={"a": texts, "keepLastN": st.integers(1, 5) | texts, "_items": values})
    )
    task["inputParameters"] = given
    if draw(st.booleans()):
        task["items"] = draw(texts)
    return [task]


def _fork(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    task["forkTasks"] = draw(st.lists(_bodies(depth), max_size=3))
    tails = [branch[-1]["taskReferenceName"] for branch in task["forkTasks"] if branch]
    name = task["taskReferenceName"]
    join = {
        "name": draw(names),
        "taskReferenceName": draw(st.just(f"{name}_join") | names),
        "type": "JOIN",
        "joinOn": draw(st.just(tails) | st.lists(names, max_size=3)),
    }
    if draw(st.booleans()):
        join["name"] = join["taskReferenceName"]
    found: list[Json] = draw(st.sampled_from([[task, join], [task, join], [task], [join, task]]))
    return found


def _event(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    return [task | {"sink": draw(texts)}]


def _join(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    return [
        task
        | {"joinOn": draw(st.lists(names, max_size=3)), "defaultExclusiveJoinTask": draw(st.lists(names, max_size=1))}
    ]


def _sub_workflow(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    params: dict[str, Json] = {"name": draw(names | texts)}
    if draw(st.booleans()):
        params["version"] = draw(st.integers(0, 3))
    kind = draw(st.sampled_from(["name", "name", "text", "inline"]))
    if kind == "text":
        params["workflowDefinition"] = draw(texts)
    if kind == "inline" and depth > 0:
        params["workflowDefinition"] = draw(documents(depth=1))
    return [task | {"subWorkflowParam": params}]


def _dynamic_fork(draw: Draw, task: dict[str, Json], depth: int) -> list[Json]:
    join = {"name": "j", "taskReferenceName": draw(names), "type": "JOIN"}
    if draw(st.booleans()):
        task |= {"dynamicForkTasksParam": draw(names), "dynamicForkTasksInputParamName": draw(names)}
    return [task, join] if draw(st.booleans()) else [task]


_MORE: dict[str, Callable[[Draw, dict[str, Json], int], list[Json]]] = {
    "SWITCH": _choice,
    "DECISION": _choice,
    "DO_WHILE": _loop,
    "FORK_JOIN": _fork,
    "EVENT": _event,
    "JOIN": _join,
    "EXCLUSIVE_JOIN": _join,
    "SUB_WORKFLOW": _sub_workflow,
    "FORK_JOIN_DYNAMIC": _dynamic_fork,
}


@st.composite
def documents(draw: Draw, depth: int = 2) -> Json:
    """Draw a definition as JSON."""
    found = draw(st.lists(tasks(depth), min_size=1, max_size=4))
    document: dict[str, Json] = {"name": draw(names), "tasks": [task for part in found for task in part]}
    optional: dict[str, st.SearchStrategy[Json]] = {
        "version": st.integers(-2, 5),
        "description": texts,
        "ownerEmail": texts,
        "timeoutSeconds": st.integers(-1, 9000),
        "timeoutPolicy": st.sampled_from(["TIME_OUT_WF", "ALERT_ONLY"]),
        "failureWorkflow": texts,
        "failureWorkflowVersion": st.integers(1, 3),
        "inputParameters": st.lists(names, max_size=4),
        "inputTemplate": inputs,
        "outputParameters": inputs | st.fixed_dictionaries({"result": values}),
        "variables": inputs,
        "schemaVersion": st.sampled_from([1, 2]),
        "restartable": st.booleans(),
        "metadata": inputs,
        "maskedFields": st.lists(names, max_size=2),
        "rateLimitConfig": st.fixed_dictionaries({"rateLimitKey": texts, "concurrentExecLimit": st.integers(0, 3)}),
        "inputSchema": st.fixed_dictionaries({"name": names, "type": st.just("JSON"), "data": inputs}),
        "createTime": st.integers(0, 10**13),
        "unknownKey": values,
    }
    for key, strategy in optional.items():
        if draw(st.integers(0, 4)) == 0:
            document[key] = draw(strategy)
    return document


def hostile_definitions() -> st.SearchStrategy[WorkflowDef]:
    """Draw definitions."""
    return documents().map(lambda document: codec.from_dict(document, WorkflowDef))
