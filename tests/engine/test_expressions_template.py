from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.expressions.document import MappingDocument
from podium.expressions.inputs import compile_inputs
from podium.expressions.secrets import deliver_secrets
from podium.expressions.template import compile_template
from podium.expressions.text import java_text
from podium.model.expressions import references, simple_path

INPUT: dict[str, Any] = {
    "a": "x",
    "n": 5,
    "d": 1.0,
    "b": True,
    "no": None,
    "l": [1, "two", None, {"k": "v"}],
    "m": {"q": 1, "r": "s"},
    "idx": 1,
    "name": "m",
    "my-key": "dashed",
    "my key": "blank",
    "dot.key": "dotted",
    "items": [{"id": 1, "p": 2, "tags": ["t"]}, {"id": 2, "p": 3, "tags": []}],
    "arr": [1, 2, 3, 6],
    "deep": {"y": {"y": 2}},
    "template": "${workflow.input.a}",
    "escaped": "$${workflow.input.a}",
    "secret_path": "${workflow.secrets.X}",
}
DOCUMENT = MappingDocument(
    {
        "workflow": {"input": INPUT, "status": "RUNNING", "variables": {"v": 1}},
        "t-1": {"output": {"z": 1}},
        "123": {"output": {"z": 2}},
        "t.dot": {"output": {"z": 3}},
        "empty": {"output": {}},
    }
)
ENVIRONMENT = {"REGION": "eu", "JSON": '{"a":{"b":[7]}}', "LIST": "[1]", "BROKEN": "{", "EMPTY": ""}


def resolve(value: Any, *, task_id: str | None = "task-1") -> Any:
    """Fill one value in over the test's document; ``w.`` is short for ``workflow.input.``."""
    if isinstance(value, str):
        value = re.sub(r"(?<![a-z])w(?=[.\[])", "workflow.input", value)
    return compile_template(value).resolve(DOCUMENT, environment=ENVIRONMENT, task_id=task_id)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${w.n}", 5),
        (" ${w.n}", " 5"),
        ("${w.n} ", "5 "),
        ("${w.a}${w.n}", "x5"),
        ("${ w.n }", None),
        ("${}", ""),
        ("${  }", ""),
        ("a${}b", "ab"),
        ("${unclosed", "${unclosed"),
        ("{${w.a}}", "{x}"),
        ("${w.a}}", "x}"),
        ("$${w.a}", "${workflow.input.a}"),
        ("$$${w.a}", "$${workflow.input.a}"),
        ("$${w.a} ${w.a}", "${workflow.input.a} x"),
        ("$${}", "${}"),
        ("${w.template}", "${workflow.input.a}"),
        ("<${w.template}>", "<${workflow.input.a}>"),
        ("<${w.escaped}>", "<${workflow.input.a}>"),
        ("${w.escaped}", "$${workflow.input.a}"),
        ("${w.l[${w.idx}]}", "two"),
        ("${w.${w.name}.q}", 1),
        ("${w.m.${w.no}}", None),
        ("${w.${w.missing}}", None),
        ("a ${w.${w.name}.q} b", "a 1 b"),
        ('{"k":"${w.a}"}', '{"k":"x"}'),
        ("`${x}`", "`null`"),
        ("`$${x}`", "`${x}`"),
        ("line\n${w.a}\nline", "line\nx\nline"),
        ("", ""),
        ("no reference", "no reference"),
    ],
)
def test_strings_are_filled_in_like_conductor(text: str, expected: Any) -> None:
    """The consequences of the algorithm, one per row: type, text, escapes, nesting, one pass only."""
    assert expected == resolve(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${w.my-key}", "dashed"),
        ("${w.my key}", None),
        ("${w['my key']}", "blank"),
        ('${w["my key"]}', "blank"),
        ("${w['dot.key']}", "dotted"),
        ("${w.dot.key}", None),
        ("${t-1.output.z}", 1),
        ("${123.output.z}", 2),
        ("${['t.dot'].output.z}", 3),
        ("${$.w.a}", "x"),
        ("${workflow['input'].a}", "x"),
        ("${w.l[0]}", 1),
        ("${w.l[-1]}", {"k": "v"}),
        ("${w.l[9]}", None),
        ("${w.l[-9]}", None),
        ("${w.l[-1:]}", [{"k": "v"}]),
        ("${w.l[0:2]}", [1, "two"]),
        ("${w.l[:2]}", [1, "two"]),
        ("${w.l[*]}", [1, "two", None, {"k": "v"}]),
        ("${w.l[0,1]}", [1, "two"]),
        ("${w['a','n']}", {"a": "x", "n": 5}),
        ("${w.items[*].id}", [1, 2]),
        ("${w.items[*].nope}", []),
        ("${missing[*].x}", []),
        ("${w.missing[*].x}", []),
        ("${w.items[?(@.id==9)]}", []),
        ("${w.items[?(@.id==2)].p}", [3]),
        ("${w.items[?(@.id==2 && @.p>2)].p}", [3]),
        ("${w.items[?(@.id==1 || @.id==2)].p}", [2, 3]),
        ("${w.items[?(!(@.id==1))].p}", [3]),
        ("${w.items[?(@.id != 1)].p}", [3]),
        ("${w.items[?(@.id in [1, 7])].p}", [2]),
        ("${w.items[?(@.id nin [1, 7])].p}", [3]),
        ("${w.items[?(@.tags size 1)].p}", [2]),
        ("${w.items[?(@.tags empty true)].p}", [3]),
        ("${w.items[?(@.id == $.w.idx)].p}", [2]),
        ("${w.items.id}", None),
        ("${w..y}", [{"y": 2}, 2]),
        ("${$..z}", [1, 2, 3]),
        ("${w.l.length()}", 4),
        ("${w.m.length()}", 2),
        ("${w.a.length()}", None),
        ("${w.arr.sum()}", 12.0),
        ("${w.arr.avg()}", 3.0),
        ("${w.arr.min()}", 1.0),
        ("${w.arr.max()}", 6.0),
        ("${w.arr.stddev()}", 3.5**0.5),
        ("${w.items[*].p.sum()}", None),
        ("${w.items[*].length()}", [3, 3]),
        ('${concat($.w.a, "z")}', "xz"),
        ('${concat(w.a,"z")}', "z"),
        ("${w.m.keys()}", ["q", "r"]),
        ("${w.l.first()}", 1),
        ("${w.l.last()}", {"k": "v"}),
        ("${w.l.index(0)}", 1),
        ("${w.l[(@.length-1)]}", None),
        ("${w.no:default}", None),
        ("${w.no ?: 'd'}", None),
        ("${w.no || w.a}", None),
        ("${w.n + 1}", None),
        ("${WORKFLOW.input}", None),
        ("${w.a.b}", None),
        ("${w.n.b}", None),
        ("${w.items[?(}", None),
        ("${w.items[?(@.id ==)]}", None),
        ("${w.items[}", INPUT["items"]),
        ("${empty.output}", {}),
        ("${never_scheduled.output}", None),
        ("${workflow.status}", "RUNNING"),
        ("${workflow.unknown}", None),
        ("${workflow.variables.v}", 1),
    ],
)
def test_paths_answer_like_jayway(text: str, expected: Any) -> None:
    """One path per row: definite ones give a value or null, indefinite ones a list, errors null."""
    assert expected == resolve(text)


def test_a_root_alone_is_the_whole_of_it() -> None:
    """``${workflow}`` is the map of all its fields."""
    assert {"input", "status", "variables"} == set(resolve("${workflow}"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<${w.a}>", "<x>"),
        ("<${w.no}>", "<null>"),
        ("<${w.missing}>", "<null>"),
        ("<${w.b}>", "<true>"),
        ("<${w.n}>", "<5>"),
        ("<${w.d}>", "<1.0>"),
        ("<${w.m}>", "<{q=1, r=s}>"),
        ("<${w.l}>", "<[1, two, null, {k=v}]>"),
        ("<${w.items[*].id}>", "<[1,2]>"),
        ("<${w.items[?(@.id==2)]}>", '<[{"id":2,"p":3,"tags":[]}]>'),
        ("<${missing[*].x}>", "<[]>"),
    ],
)
def test_embedded_values_are_java_text(text: str, expected: str) -> None:
    """Inside a longer string maps and lists print as Java prints them, results of indefinite paths as JSON."""
    assert expected == resolve(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0"),
        (10.5, "10.5"),
        (1e10, "1.0E10"),
        (1e7, "1.0E7"),
        (9999999.0, "9999999.0"),
        (12345678.5, "1.23456785E7"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (1.2e-5, "1.2E-5"),
        (-1e10, "-1.0E10"),
        (-0.0, "-0.0"),
        (1.5e300, "1.5E300"),
        (1e22, "1.0E22"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (10**20, "100000000000000000000"),
        ({"a": {"b": [False, None]}}, "{a={b=[false, null]}}"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_java_text_prints_like_java(value: Any, text: str) -> None:
    """Doubles have Java's form, containers its ``toString``."""
    assert text == java_text(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_java_text_of_a_double_reads_back(value: float) -> None:
    """However a double is printed, no digit is lost."""
    assert value == float(java_text(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${workflow.env.REGION}", "eu"),
        ("in ${workflow.env.REGION}!", "in eu!"),
        ("${workflow.env.JSON.a.b[0]}", 7),
        ("<${workflow.env.JSON.a}>", "<{b=[7]}>"),
        ("${workflow.env.JSON.nope}", None),
        ("${workflow.env.LIST.a}", None),
        ("${workflow.env.BROKEN.a}", None),
        ("${workflow.env.MISSING}", None),
        ("<${workflow.env.MISSING}>", "<null>"),
        ("${workflow.env.MISSING.a}", None),
        ("${workflow.env.EMPTY}", ""),
        ("${workflow.secrets.KEY}", "${workflow.secrets.KEY}"),
        ("Bearer ${workflow.secrets.KEY}", "Bearer ${workflow.secrets.KEY}"),
        ("$${workflow.secrets.KEY}", "${workflow.secrets.KEY}"),
        ("${CPEWF_TASK_ID}", "task-1"),
        ("id=${CPEWF_TASK_ID}", "id=task-1"),
        ("${NETFLIX_ENV}", None),
        ("${PATH}", None),
        ("${HOME}", None),
        ("${user.dir}", None),
    ],
)
def test_names_with_a_meaning_of_their_own(text: str, expected: Any) -> None:
    """Environment values are filled in, secrets stay literal, and the process does not leak in."""
    assert expected == resolve(text)


def test_the_task_id_stays_literal_where_there_is_none() -> None:
    """Without a task the reference is kept, alone and embedded."""
    assert resolve("${CPEWF_TASK_ID}", task_id=None) == "${CPEWF_TASK_ID}"
    assert resolve("a ${CPEWF_TASK_ID}", task_id=None) == "a ${CPEWF_TASK_ID}"


def test_a_task_named_like_a_variable_of_the_process_is_found() -> None:
    """A reference ``${PATH}`` is a path like any other."""
    template = compile_template("${PATH}")

    assert template.resolve(MappingDocument({"PATH": {"x": 1}}), environment={}, task_id=None) == {"x": 1}


def test_containers_are_filled_in_at_any_depth_and_keys_never() -> None:
    """Lists keep their order, objects their keys; constant neighbours stay."""
    value = {"${w.a}": 1, "list": [0, "${workflow.input.n}", {"deep": ["${workflow.input.m}"]}], "z": {"constant": []}}

    assert resolve(value) == {"${w.a}": 1, "list": [0, 5, {"deep": [{"q": 1, "r": "s"}]}], "z": {"constant": []}}


def test_constants_are_handed_out_as_they_are() -> None:
    """A template without references costs nothing and copies nothing."""
    value = {"a": [1, {"b": None}]}
    template = compile_template(value)

    assert template.resolve(DOCUMENT, environment={}, task_id=None) is value


def test_whole_references_share_the_object() -> None:
    """What a reference finds is the document's own object."""
    assert resolve("${workflow.input.m}") is INPUT["m"]


def test_the_template_itself_is_never_changed() -> None:
    """Filling in twice gives the same, and the source is what it was."""
    value = {"a": ["${workflow.input.n}"]}
    template = compile_template(value)

    assert template.resolve(DOCUMENT, environment={}, task_id=None) == {"a": [5]}
    assert template.resolve(DOCUMENT, environment={}, task_id=None) == {"a": [5]}
    assert value == {"a": ["${workflow.input.n}"]}


def test_payload_roots_may_be_any_value() -> None:
    """In an event the roots are the payload's keys."""
    document = MappingDocument({"a": {"b": 1}, "n": 5, "l": [1, {"x": 2}]})

    def at(path: str) -> Any:
        return compile_template(path).resolve(document, environment={}, task_id=None)

    assert [at("${a.b}"), at("${n}"), at("${l[1].x}"), at("${$.a.b}"), at("${n.b}")] == [1, 5, 2, 1, None]
    assert at("${l[*].x}") == [2]


@given(
    st.text(alphabet="${}.[]'\"awl0 *()?@\\\n-,:=<>&|!#~^", max_size=50)
    | st.sampled_from(["${w.l[?(@", "${w.items[*]", "${$..*", "${concat(", "${w.l["]).flatmap(
        lambda head: st.text(alphabet="}.[]'\"a0 *()?@,:=<&|!#", max_size=20).map(lambda tail: f"{head}{tail}}}")
    )
)
def test_filling_in_never_raises(text: str) -> None:
    """Whatever an author writes gives a value."""
    resolve(text)


@pytest.mark.parametrize(
    ("parameters", "template", "expected"),
    [
        ({"a": "${workflow.input.n}"}, None, {"a": 5}),
        (None, None, {}),
        ({}, {"a": 1}, {"a": 1}),
        ({"a": None}, {"a": 1}, {"a": 1}),
        ({"a": 2}, {"a": 1}, {"a": 2}),
        ({"a": False}, {"a": 1}, {"a": False}),
        ({}, {"a": "${workflow.input.n}"}, {"a": 5}),
        ({"a": "${workflow.input.missing}"}, {"a": 1}, {"a": 1}),
        ({"a": "${workflow.input.missing}"}, {"a": "${workflow.input.n}"}, {"a": "${workflow.input.n}"}),
        ({"a": {"x": "${workflow.input.missing}"}}, {"a": {"x": 1, "y": 2}}, {"a": {"x": None}}),
        ({"a": "${missing[*].x}"}, {"a": 1}, {"a": []}),
        ({"a": "${workflow.input.missing}"}, {"b": 1}, {"a": None, "b": 1}),
        ({}, {"a": None}, {"a": None}),
    ],
)
def test_input_templates_fill_what_is_absent_or_null(
    parameters: dict[str, Any] | None, template: dict[str, Any] | None, expected: dict[str, Any]
) -> None:
    """The definition's value counts per top-level key: resolved if the key is absent, raw if it resolves to null."""
    plan = compile_inputs(parameters, template)

    assert expected == plan.resolve(DOCUMENT, environment={}, task_id=None)


def test_inputs_are_a_new_dictionary_each_time() -> None:
    """A task may add to its input without touching the plan."""
    plan = compile_inputs({"a": 1})

    first = plan.resolve(DOCUMENT, environment={}, task_id=None)
    first["b"] = 2

    assert plan.resolve(DOCUMENT, environment={}, task_id=None) == {"a": 1}


SECRETS = {"KEY": "s3cret", "DB": '{"user":"u","port":5432}', "a.b": "dotted", "LOOP": "${workflow.secrets.KEY}"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${workflow.secrets.KEY}", "s3cret"),
        ("Bearer ${workflow.secrets.KEY}", "Bearer s3cret"),
        ("${workflow.secrets.KEY}${workflow.secrets.KEY}", "s3crets3cret"),
        ("${workflow.secrets.DB.user}", "u"),
        ("${workflow.secrets.DB.port}", 5432),
        ("port ${workflow.secrets.DB.port}", "port 5432"),
        ("${workflow.secrets.DB.nope}", None),
        ("${workflow.secrets.KEY.nope}", None),
        ("${workflow.secrets.a.b}", "dotted"),
        ("${workflow.secrets.MISSING}", None),
        ("<${workflow.secrets.MISSING}>", "<>"),
        ("${workflow.secrets.LOOP}", "${workflow.secrets.KEY}"),
        ("${workflow.secrets.KEY", "${workflow.secrets.KEY"),
        ({"a": [{"b": "${workflow.secrets.KEY}"}], "c": 1}, {"a": [{"b": "s3cret"}], "c": 1}),
        ({"${workflow.secrets.KEY}": 1}, {"${workflow.secrets.KEY}": 1}),
    ],
)
def test_secrets_are_put_in_at_the_hand_over(value: Any, expected: Any) -> None:
    """Alone a secret is its value or null, embedded its text or nothing; keys and secrets themselves are left."""
    assert expected == deliver_secrets(value, SECRETS)


def test_values_without_secrets_are_the_same_object() -> None:
    """The usual case copies nothing, and a copy shares what did not change."""
    plain = {"a": [1, {"b": "${workflow.input.x}"}]}
    mixed = {"secret": "${workflow.secrets.KEY}", "plain": plain}

    assert deliver_secrets(plain, SECRETS) is plain
    assert deliver_secrets(mixed, SECRETS)["plain"] is plain
    assert mixed["secret"] == "${workflow.secrets.KEY}"


CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "definitions"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real definitions is not here")
def test_real_definitions_can_be_filled_in() -> None:
    """Every string of every definition compiles and resolves, and nearly every path is a simple one."""
    found = [
        reference
        for path in sorted(CORPUS.glob("*.json"))
        for reference in references(json.loads(path.read_text(encoding="utf-8")))
    ]
    for path in sorted(CORPUS.glob("*.json")):
        resolve(json.loads(path.read_text(encoding="utf-8")))

    simple = [reference for reference in found if simple_path(reference.text) is not None]
    assert len(found) > 500
    assert len(simple) > 0.95 * len(found)
