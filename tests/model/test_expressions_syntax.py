from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model.expressions import (
    NESTING_MAX,
    FoundReference,
    Literal,
    Reference,
    SimplePath,
    parse,
    references,
    root_of,
    secret_names,
    simple_path,
)

#: Text in which expressions are likely.
expression_text = st.text(alphabet="${}.[]'\"ab0 *()?@\\\n-,:", max_size=60)


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("${a}", ["${a}"]),
        (" ${a}", [" ", "${a}"]),
        ("${a}${b}", ["${a}", "${b}"]),
        ("{${a}}", ["{", "${a}", "}"]),
        ("${a}}", ["${a}", "}"]),
        ("${unclosed", ["${unclosed"]),
        ("${a ${b}", ["${a ", "${b}"]),
        ("$${a}", ["$${a}"]),
        ("$$${a}", ["$$${a}"]),
        ("$${a} ${a}", ["$${a} ", "${a}"]),
        ("${a{b}c}", ["${a{b}c}"]),
        ("${a[${b}].c}d", ["${a[${b}].c}", "d"]),
        ("x\n${a\nb}\n", ["x\n", "${a\nb}", "\n"]),
        ('{"k":"${a}"}', ['{"k":"', "${a}", '"}']),
        ("${}", ["${}"]),
        ("$ {a}", ["$ {a}"]),
    ],
)
def test_parse_finds_balanced_references(text: str, sources: list[str]) -> None:
    """References are balanced, not escaped, and everything else is literal."""
    assert sources == [part.source for part in parse(text)]


def test_parse_sees_references_inside_references() -> None:
    """A nested reference is a part of the outer one."""
    (outer,) = parse("${l[${i}].x}")

    assert isinstance(outer, Reference)
    assert outer.is_nested
    assert (Literal("l["), Reference("i", (Literal("i"),)), Literal("].x")) == outer.parts


def test_parse_gives_up_on_absurd_nesting() -> None:
    """Thousands of nested references neither overflow the stack nor get lost."""
    text = "${" * 5000 + "}" * 5000

    (part,) = parse(text)

    assert text == part.source
    depth = 0
    while isinstance(part, Reference) and part.parts:
        part = part.parts[0]
        depth += 1
    assert depth == NESTING_MAX + 1


def test_parse_is_linear_in_unclosed_references() -> None:
    """A hundred thousand openings without an end are read in one pass."""
    text = "${" * 100_000

    assert (Literal(text),) == parse(text)


@given(expression_text)
def test_parts_give_back_the_text(text: str) -> None:
    """The sources of the parts, joined, are the text, and no two literals touch."""
    parts = parse(text)

    assert text == "".join(part.source for part in parts)
    assert not any(isinstance(a, Literal) and isinstance(b, Literal) for a, b in itertools.pairwise(parts))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("workflow.input.a", SimplePath("workflow", ("input", "a"))),
        ("workflow", SimplePath("workflow", ())),
        ("workflow.input['my key'].x[0]", SimplePath("workflow", ("input", "my key", "x", 0))),
        ('workflow["input"].a', SimplePath("workflow", ("input", "a"))),
        ("['t.dot'].output.z", SimplePath("t.dot", ("output", "z"))),
        ("$.workflow.input.a", SimplePath("workflow", ("input", "a"))),
        ("$['workflow'].input", SimplePath("workflow", ("input",))),
        ("@.a.b", SimplePath("a", ("b",))),
        ("t-1.output.l[-1]", SimplePath("t-1", ("output", "l", -1))),
        ("123.output.z", SimplePath("123", ("output", "z"))),
        ("a.0", SimplePath("a", ("0",))),
        ("a[ 'b' ][ 1 ]", SimplePath("a", ("b", 1))),
        ("a.['b']", SimplePath("a", ("b",))),
        ("a.b ", SimplePath("a", ("b",))),
        ("a.b:default", SimplePath("a", ("b:default",))),
        ("größe.ß", SimplePath("größe", ("ß",))),
        ("", None),
        (" a.b", None),
        ("a b.c", None),
        ("a.b c", None),
        ("a..b", None),
        ("a.", None),
        ("a.*", None),
        ("a[*]", None),
        ("a[0:2]", None),
        ("a[0,1]", None),
        ("a[?(@.x==1)]", None),
        ("a.length()", None),
        ("a['it\\'s']", None),
        ("a['b','c']", None),
        ("a[b]", None),
        ("a['b'", None),
        ("a[0]b", None),
        ("$", None),
        ("$a.b", None),
        ("[0].a", None),
    ],
)
def test_simple_path_reads_what_needs_no_jsonpath(text: str, path: SimplePath | None) -> None:
    """Names, quoted names and indexes are simple; everything else is left to JSONPath."""
    assert path == simple_path(text)


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("workflow.input.a", "workflow"),
        ("workflow", "workflow"),
        ("charge.output.items[?(@.id==1)]", "charge"),
        ("charge.output[${workflow.input.i}]", "charge"),
        ("charge['output']", "charge"),
        ("['t.dot'].output", "t.dot"),
        ("$.charge.output", "charge"),
        ("$['charge'].output", "charge"),
        ("CPEWF_TASK_ID", "CPEWF_TASK_ID"),
        ("items[*].id", "items"),
        ("", None),
        ("  ", None),
        ("$..id", None),
        ("$", None),
        ("*.x", None),
        ("concat($.a, 'b')", None),
        ("${x}.output", None),
        ("t${x}.output", None),
        ("my task.output", None),
        (".a", None),
    ],
)
def test_root_of_names_the_start_of_a_path(text: str, root: str | None) -> None:
    """The root is seen also where the rest of the path is complicated."""
    assert root == root_of(text)


def test_references_tell_where_they_stand() -> None:
    """Every reference of a document is found with the path of its string, nested ones after their outer one."""
    value = {
        "a": "${workflow.input.x}",
        "list": [1, {"deep key": "pre ${t.output[${i.output.n}]} post"}],
        "${key.is.left}": None,
        "escaped": "$${no.reference}",
    }

    assert [
        FoundReference("a", "workflow.input.x", "workflow"),
        FoundReference("list[1]['deep key']", "t.output[${i.output.n}]", "t"),
        FoundReference("list[1]['deep key']", "i.output.n", "i"),
    ] == list(references(value))


def test_references_of_a_string_have_an_empty_path() -> None:
    """A value may be a string itself."""
    assert [FoundReference("", "a.b", "a")] == list(references("${a.b}"))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | expression_text,
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_references_never_raise(value: object) -> None:
    """Any JSON value can be searched."""
    for found in references(value):
        simple_path(found.text)


def test_secret_names_are_listed() -> None:
    """The secrets that a definition needs can be read off it."""
    value = {"a": "Bearer ${workflow.secrets.API}", "b": ["${workflow.secrets.DB.password}", "${workflow.input.x}"]}

    assert list(secret_names(value)) == ["API", "DB.password"]
