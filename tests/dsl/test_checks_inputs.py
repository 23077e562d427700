"""What goes in and what comes out: declared inputs, calls, types, outputs, worker tasks, sizes."""

from __future__ import annotations

from typing import Any, Literal

import attrs
import pytest
from check_samples import call, codes, document, end, only, problems, step, switch, typed

from podium.checks import check
from podium.dsl import Workflow, fan_out, for_each, load, raw, ref, sub_workflow, task, workflow
from podium.model.definitions import TaskDef
from podium.model.values import JsonValue
from podium.typed import kinds


@attrs.frozen
class Quote:
    carrier: str
    price: float
    parts: list[str] = attrs.field(factory=list)


@task
def ask(city: str) -> Quote:
    """Stand for work."""
    raise NotImplementedError


@task
def count(text: str) -> int:
    """Stand for work."""
    raise NotImplementedError


@task
def pay(amount: float, note: str | None = None, lines: list[str] | None = None, **more: Any) -> bool:
    """Stand for work."""
    raise NotImplementedError


def _of_python(write: Any) -> list[Any]:
    made = Workflow("w")
    with made:
        write(made)
    return made.check()


def test_i1_an_input_that_nothing_reads() -> None:
    """Each is told with its position; an input may be used anywhere that references are replaced."""
    found = problems(step("a", x="${workflow.input.one}"), inputParameters=["one", "two"])

    assert (only(found).code, only(found).severity, only(found).path) == ("I1", "warning", "inputParameters[1]")


@pytest.mark.parametrize(
    "more",
    [
        {"outputParameters": {"x": ["a ${workflow.input.two} b"]}},
        {"outputParameters": {"x": "${workflow.input}"}},
        {"outputParameters": {"x": "${workflow.input['two'].y}"}},
        {"outputParameters": {"x": "${concat($.workflow.input.two, 'x')}"}},
        {"outputParameters": {"x": "${workflow.input[*]}"}},
        {"outputParameters": {"x": "${workflow.input.${workflow.input.which}}"}},
        {"failureWorkflow": "$workflow.input.two"},
        {"failureWorkflow": "somewhere_else"},
        {"rateLimitConfig": {"rateLimitKey": "${workflow.input.two}", "concurrentExecLimit": 1}},
        {"cacheConfig": {"key": "${workflow.input.two}", "ttlInSecond": 1}},
        {"schemaVersion": 1},
    ],
)
def test_i1_sees_every_use(more: dict[str, JsonValue]) -> None:
    """In doubt an input counts as used."""
    found = problems(step("a"), inputParameters=["two"], **more)

    assert "I1" not in codes(found)


def test_i1_knows_what_a_failure_workflow_reads() -> None:
    """It gets the same input; what Conductor gives it besides may be listed."""
    undo = load(document(step("b", x="${workflow.input.two}"), name="undo"))
    given = ["reason", "workflowId", "failureStatus"]
    failing = load(document(step("a"), inputParameters=["two", "three"], failureWorkflow="undo"))

    assert [each.path for each in failing.check(others=[undo])] == ["inputParameters[1]"]
    assert problems(step("a", x="${workflow.input.reason}"), inputParameters=given) == []


def test_i1_in_python_has_the_place_of_the_workflow() -> None:
    """A parameter that the function does not use."""

    @workflow
    def lazy(city: str, nights: int) -> None:
        ask(city)

    found = only(lazy.check())

    assert (found.code, found.place) == ("I1", f"{__file__}:{lazy.fn.__code__.co_firstlineno}")


def test_r3_inputs_of_a_called_workflow() -> None:
    """Unknown and missing inputs are told if the other workflow is at hand; it may read more than it lists."""
    called = load(
        document(
            step("b", x="${workflow.input.sku}", y="${workflow.input.note}"),
            name="child",
            inputParameters=["sku"],
            inputTemplate={"note": ""},
        )
    )

    def of(**inputs: JsonValue) -> list[str]:
        return [
            f"{each.path.removeprefix('tasks[0].')} {each.hint}"
            for each in load(document(call("child", **inputs))).check(others=[called])
        ]

    assert of(sku="1") == of(sku="1", note="x") == []
    assert of(skuu="1") == ["inputParameters.skuu did you mean 'sku'?"]
    assert of(sku="1", more=2) == ["inputParameters.more it reads note, sku"]
    assert [each.split()[0] for each in of()] == ["inputParameters"]
    assert load(document(call("child"))).check() == []


def test_r3_of_workflows_that_read_anything() -> None:
    """A workflow that reads its input as a whole takes any name; one that reads nothing is left alone."""
    whole = load(document(step("b", x="${workflow.input}"), name="whole", inputParameters=["sku"]))
    nothing = load(document(step("b"), name="nothing"))

    assert load(document(call("whole", other=1))).check(others=[whole]) == []
    assert load(document(call("nothing", other=1))).check(others=[nothing]) == []


def test_r3_of_other_ways_to_call() -> None:
    """START_WORKFLOW, embedded definitions, versions; two definitions of one name and version tell nothing."""
    reads = step("b", x="${workflow.input.sku}")
    first, second = load(document(reads, name="child")), load({**document(step("b"), name="child"), "version": 2})
    other = load(document(step("c"), name="child"))
    started = typed(
        "START_WORKFLOW", "s", inputParameters={"startWorkflow": {"name": "child", "version": 1, "input": {}}}
    )
    carried = {**call("child"), "subWorkflowParam": {"name": "child", "workflowDefinition": document(reads)}}
    latest = load(document(call("child")))

    assert only(load(document(started)).check(others=[first])).path == "tasks[0].inputParameters.startWorkflow.input"
    assert codes(load(document(carried)).check()) == ["R3"]
    assert codes(latest.check(others=[first])) == ["R3"]
    assert latest.check(others=[first, second]) == []
    assert latest.check(others=[first, other]) == []


def test_r3_parameters_with_none_as_default_need_not_be_given() -> None:
    """A default of None is no default in the JSON, and still one in Python."""

    @workflow
    def child(sku: str, note: str | None = None) -> None:
        pay(1.0, note=f"{sku} {note}")

    parent = load(document(call("child", sku="1")))

    assert parent.check(others=[child]) == []
    assert codes(load(document(call("child", note="1"))).check(others=[child])) == ["R3"]


def test_r3_types_that_cannot_agree() -> None:
    """A declared type against another: a text for a number, a record for a text, text around a reference."""

    def wrong(made: Workflow[..., Any]) -> None:
        quote = ask(made.input("city", str))
        number = count(quote.output.carrier)
        raw({**step("pay"), "name": "any"})
        pay(quote.output.carrier).as_("one")
        count(quote.output).as_("two")
        pay(f"{number.output} euro").as_("three")
        pay(1.0, lines=quote.output.carrier).as_("four")
        pay(1.0, note=number.output).as_("five")
        count(made.input("kind", Literal[1, 2])).as_("six")

    found = _of_python(wrong)

    assert [(each.code, each.path) for each in found] == [
        ("R3", "tasks[3].inputParameters.amount"),
        ("R3", "tasks[4].inputParameters.text"),
        ("R3", "tasks[5].inputParameters.amount"),
        ("R3", "tasks[6].inputParameters.lines"),
        ("R3", "tasks[7].inputParameters.note"),
        ("R3", "tasks[8].inputParameters.text"),
    ]
    assert found[0].message == "'amount' of 'one' takes a number, and ${ask.output.carrier} is a text"


def test_r3_types_that_may_agree() -> None:
    """What is not declared, optional, wider or a whole number may be right, and is let be."""

    def fine(made: Workflow[..., Any]) -> None:
        quote = ask(made.input("city"))
        number = count(quote.output.carrier)
        pay(number.output, note=quote.output.carrier, lines=quote.output.parts).as_("one")
        pay(quote.output.price, note=None, other=quote.output).as_("two")
        pay(ref("ask.output.nobody.knows"), note=ref("workflow.variables.x")).as_("three")
        pay(ref("ask.output.price"), lines=ref("workflow.input.city.split")).as_("four")
        count(quote.output.parts[0]).as_("five")

    assert [each for each in _of_python(fine) if each.code == "R3"] == []


def test_r3_types_by_schemas() -> None:
    """In JSON, the schemas of task definitions and workflows say what is what."""

    def schema(**properties: str) -> dict[str, JsonValue]:
        data = {"type": "object", "properties": {key: {"type": kind} for key, kind in properties.items()}}
        return {"name": "s", "type": "JSON", "data": data}

    giving = TaskDef(name="giving", output_schema=load_schema(schema(text="string", n="integer")))
    taking = TaskDef(name="taking", input_schema=load_schema(schema(amount="number")))
    wrong = load(document(step("giving"), step("taking", amount="${giving.output.text}")))
    right = load(document(step("giving"), step("taking", amount="${giving.output.n}", other="${giving.output.text}")))
    input_schema = load(document(step("taking", amount="${workflow.input.name}"), inputSchema=schema(name="string")))

    assert codes(wrong.check(tasks=[giving, taking])) == ["R3"]
    assert right.check(tasks=[giving, taking]) == []
    assert codes(input_schema.check(tasks=[taking])) == ["R3"]
    child = load(document(step("taking", amount="${workflow.input.n}"), name="child", inputSchema=schema(n="integer")))
    assert codes(load(document(call("child", n=["no number"]))).check(others=[child])) == ["R3"]


def load_schema(document: dict[str, JsonValue]) -> Any:
    """Read a schema."""
    from podium.model import codec
    from podium.model.definitions import SchemaDef

    return codec.from_dict(document, SchemaDef)


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, {"number"}),
        (list[int], {"list"}),
        (dict[str, Any], {"object"}),
        (Quote, {"object"}),
        (Quote | None, {"object", "null"}),
        (int | Any, None),
        (Literal["a", 1], {"text", "number"}),
        (Any, None),
        (object, None),
        (bytes, {"text"}),
        (complex, None),
        ("no type", None),
        ([int], None),
    ],
)
def test_the_kinds_of_types(hint: Any, expected: set[str] | None) -> None:
    """What is not sure is anything."""
    assert kinds.of_hint(hint) == expected


def test_r2_outputs_that_a_type_never_has() -> None:
    """The keys of system tasks are known, those of workers and of what is completed from outside are not."""
    http = typed("HTTP", "h", inputParameters={"http_request": {"uri": "u", "method": "GET"}})
    jq = typed("JSON_JQ_TRANSFORM", "j", inputParameters={"queryExpression": "."})

    def of(path: str, *before: dict[str, JsonValue]) -> list[str | None]:
        return [each.hint for each in problems(*before, step("a", x=f"${{{path}}}")) if each.code == "R2"]

    assert of("h.output.statusCode", http) == ["did you mean ${h.output.response.statusCode}?"]
    assert of("h.output.response.code", http) == ["it gives body, headers, statusCode, reasonPhrase"]
    assert of("j.output.results", jq) == ["did you mean 'result'?"]
    assert of("n.output.x", typed("NOOP", "n")) == ["it gives nothing"]
    for path in (
        "h.output",
        "h.output.response",
        "h.output.response.body.anything",
        "h.status",
        "h.output['response'].body",
    ):
        assert of(path, http) == []
    assert of("j.output.resultList[0].x", jq) == []
    assert of("w.output.anything", typed("WAIT", "w"), typed("HUMAN", "u")) == []
    assert of("h.output.anything", {**http, "asyncComplete": True}) == []


def test_r2_outputs_of_a_workflow_at_hand() -> None:
    """A workflow gives its output parameters and its id, unless it may end by TERMINATE or has none."""
    giving = document(step("b"), name="child", outputParameters={"price": "${b.output.price}"})
    reading = load(document(call("child"), step("a", x="${call_child.output.prize}")))
    fine = load(
        document(call("child"), step("a", x="${call_child.output.price}", y="${call_child.output.subWorkflowId}"))
    )
    ended = {**giving, "tasks": [switch("s", {"A": [end()]}), step("b")]}

    assert only(reading.check(others=[load(giving)])).hint == "did you mean 'price'?"
    assert fine.check(others=[load(giving)]) == []
    assert [each.code for each in reading.check(others=[load(ended)]) if each.code == "R2"] == []
    assert reading.check() == []


def test_t1_names_without_a_task_definition() -> None:
    """Only where the definitions are known, only names that stand there, and not those of system tasks."""
    known = [TaskDef(name="book"), TaskDef(name="pay")]
    dynamic = typed("DYNAMIC", "d", dynamicTaskNameParam="n", inputParameters={"n": "bokk"})
    late = typed("DYNAMIC", "e", dynamicTaskNameParam="n", inputParameters={"n": "${workflow.input.n}"})
    many = [typed("FORK_JOIN_DYNAMIC", "f", inputParameters={"forkTaskName": "pya", "forkTaskInputs": []}),
            typed("JOIN", "fj")]  # fmt: skip
    own = {**step("own"), "taskDefinition": {"name": "own"}}
    wf = load(document(step("book"), step("boook"), step("HTTP"), dynamic, late, *many, own))

    assert wf.check() == []
    assert [(each.code, each.path, each.hint) for each in wf.check(tasks=known)] == [
        ("T1", "tasks[1].name", "did you mean 'book'?"),
        ("T1", "tasks[3].inputParameters.n", "did you mean 'book'?"),
        ("T1", "tasks[5].inputParameters.forkTaskName", "did you mean 'pay'?"),
    ]


def test_t1_knows_the_tasks_of_python() -> None:
    """The author's functions are task definitions too."""

    def write(_: Workflow[..., Any]) -> None:
        ask("Rome")
        raw(step("nobody"))

    made = Workflow("w")
    with made:
        write(made)

    assert [each.path for each in made.check(tasks=[])] == ["tasks[1].name"]


def test_n3_names_that_differ_only_by_case() -> None:
    """One of the two is named, with the place of the other."""
    found = only(problems(step("Ship"), step("other"), step("ship")))

    assert (found.code, found.severity, found.path) == ("N3", "warning", "tasks[2].taskReferenceName")


def test_v2_what_is_larger_than_allowed() -> None:
    """Variables, inputs, names and whole definitions have limits."""
    kb = "x" * 1024

    def of(*tasks: dict[str, JsonValue], **fields: JsonValue) -> list[tuple[str, str]]:
        return [(each.severity, each.path) for each in problems(*tasks, **fields) if each.code == "V2"]

    large, huge = kb * 3_100, kb * 10_300
    setting = typed("SET_VARIABLE", "v", inputParameters={"a": kb * 150, "b": [kb * 110]})
    assert of(setting) == [("error", "tasks[0].inputParameters")]
    assert of(step("a", x=large)) == [("warning", "tasks[0].inputParameters")]
    assert of(step("a", x=huge)) == [("error", "tasks[0].inputParameters")]
    assert of(step("a"), variables={"x": kb * 300}) == [("error", "variables")]
    assert of(step("a"), inputTemplate={"x": kb * 5_200}) == [("warning", "inputTemplate")]
    assert of(step("n" * 300)) == [("error", "tasks[0].name"), ("error", "tasks[0].taskReferenceName")]
    assert of(step("a", x=large), step("b", x=kb * 2_000)) == [("warning", "tasks[0].inputParameters")]
    whole = [step(f"a{i}", x=kb * 3_000) for i in range(6)]
    assert of(*whole) == [("error", "")]
    assert of(step("a", x=kb)) == []


def test_d3_a_value_of_a_loop_behind_it() -> None:
    """A warning where there may be none, a note that is given only on demand elsewhere."""
    body = [step("b")]
    reader = step("a", x="${b.output.x}")
    listed = typed("DO_WHILE", "l", loopCondition="true", loopOver=body, items="${workflow.input.items}")
    counted = typed("DO_WHILE", "l", loopCondition="$.l.iteration < 3", loopOver=body)

    assert only(problems(listed, reader)).code == "D3"
    assert codes(problems(listed, outputParameters={"x": "${b.output}"})) == ["D3"]
    assert problems(counted, reader) == []
    noted = load(document(counted, reader))
    assert [(each.code, each.severity) for each in noted.check(notes=True)] == [("D3", "note")]
    assert [(each.code, each.severity) for each in check(noted.definition, notes=True)] == [("D3", "note")]
    assert repr(noted.check(notes=True)).startswith("1 note\n")
    assert problems(counted, step("a", x="${l.output['2'].b.x}")) == []


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("fare-${city}", None),
        ("fare-${city.name}-${workflow.input.x}-${before.output.result}", None),
        ("fare", None),
        ("fare-${cty}", "did you mean 'city'?"),
        ("fare-${zone}", "its inputs are city"),
    ],
)
def test_the_key_of_a_cache_names_what_there_is(key: str, hint: str | None) -> None:
    """With a part that is missing nothing would ever be kept, in silence."""

    @workflow
    def cached() -> None:
        ask.as_("before")("Rome")
        ask("Rome").opts(cache=(key, "1h"))

    found = [problem for problem in cached.check() if problem.path == "tasks[1].cacheConfig.key"]
    assert [problem.hint for problem in found] == ([] if hint is None else [hint])
    assert all((problem.code, problem.severity) == ("R1", "warning") for problem in found)


@task
def take_back(text: str) -> None:
    """Stand for work."""


@workflow
def stay(city: str) -> int:
    """Can be undone."""
    booked = count(city)
    booked.undo(take_back, city)
    return booked.output


def test_a_call_that_is_not_undone_is_told() -> None:
    """By its name, where the caller has a failure workflow of its own, and what a loop forgets."""

    @workflow
    def by_name() -> None:
        sub_workflow("one", "stay", None, city="Rome")
        count("x")

    @workflow
    def at_the_end() -> None:
        count("x")
        sub_workflow("one", "stay", None, city="Rome")

    @workflow
    def by_object() -> None:
        stay("Rome")
        count("x")

    @workflow(failure_workflow="mop")
    def with_its_own() -> None:
        stay("Rome")
        count("x")

    @workflow
    def spread() -> None:
        fan_out("stays", stay, ["Rome"])

    @workflow
    def spread_by_name() -> None:
        fan_out("stays", None, [{"city": "Rome"}], workflow="stay", version=1)

    @workflow
    def forgetful(cities: list[str]) -> None:
        with for_each("each", cities, keep_last=2) as each:
            count(each.item).undo(take_back, each.item)

    def told(one: Workflow[..., Any]) -> list[str | None]:
        found = check(one.definition, others=[stay])
        return [problem.hint for problem in found if problem.code == "C1"]

    assert told(by_object) == told(at_the_end) == []
    assert told(by_name) == [
        "call 'stay' by its object, and not within a circle of calls; or see to it with undo_all(...)"
    ]
    assert told(with_its_own) == ["the failure workflow 'mop' has to see to it"]
    assert told(spread) == []
    assert told(spread_by_name) == [
        "fan out over 'stay' by its object, and with a JOIN; or see to it with undo_all(...)"
    ]
    assert told(forgetful) == ["keep them, or see to it with undo_all(...)"]
