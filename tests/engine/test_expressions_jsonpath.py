from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.expressions.document import MappingDocument
from podium.expressions.jsonpath.loose_json import LooseJsonError, read_loosely
from podium.expressions.paths import compile_path
from podium.expressions.refusals import PathRefused
from podium.expressions.template import compile_template
from podium.expressions.text import embedded_json, java_text

ITEMS: list[dict[str, Any]] = [
    {"id": 1, "p": 2, "tags": ["t", "u"], "name": "ann", "o": {"z": 1}},
    {"id": "2", "p": 3.5, "tags": [], "name": "Bob", "o": {}},
    {"id": 3, "p": "4", "tags": ["u", 5, "3"], "name": None},
    {"p": -1, "name": ""},
]
DOCUMENT = MappingDocument(
    {
        "w": {
            "items": ITEMS,
            "one": {"id": "1", "kind": "x"},
            "no": None,
            "text": "text",
            "m": {"q": 1, "r": "s"},
            "arr": [1, 2, 3, 6],
            "single": [7],
            "negative": [-3, -1.5],
            "nested": {"y": {"y": 2}, "list": [[{"y": 1}], [{"y": 3}]]},
            "want": 3,
            "lists": [[1, 2], [1, 2.0]],
        }
    }
)


def at(path: str) -> Any:
    """Look one path up; names of what it finds are enough to tell the items."""
    found = compile_path(f"w.{path}" if not path.startswith(("$", "concat", "sum")) else path).lookup(DOCUMENT)
    return [ITEMS.index(item) if item in ITEMS else item for item in found] if isinstance(found, list) else found


@pytest.mark.parametrize(
    ("condition", "hits"),
    [
        ("@.id == 1", [0]),
        ("@.id == '1'", [0]),
        ("@.id == 2", [1]),
        ("@.id == '2'", [1]),
        ("@.id == 2.0", []),  # a text is compared as the text of the number
        ("@.id === 2", []),
        ("@.id === '2'", [1]),
        ("@.id == 3.0", [2]),
        ("@.p == 3.50", [1]),
        ("@.p == 4", [2]),
        ("@.p > 2", [1]),  # what is greater is not read out of texts
        ("@.p >= 2 && @.p < 4", [0, 1]),
        ("@.id in [1, 2]", [0, 1]),
        ("@.id in ['2', '3']", [1, 2]),
        ("@.id IN ['2', 3]", [1, 2]),
        ("@.id nin ['2']", [0, 2, 3]),
        ("@.id != 1", [1, 2, 3]),
        ("@.id == $.w.want", [2]),
        ("@.id == 1 || @.id == '2'", [0, 1]),
        ("!(@.id == 1)", [1, 2, 3]),
        ("@.id", [0, 1, 2]),
        ("!@.id", [3]),
        ("@.name", [0, 1, 2, 3]),
        ("@.name == null", [2]),
        ("@.name != null", [0, 1, 3]),
        ("@.nope == null", [0, 1, 2, 3]),
        ("@.name < 'a'", [1, 3]),
        ("@.name =~ /a.*/", [0]),
        ("@.name =~ /B.B/i", [1]),
        ("@.name =~ /nn/", []),  # all of the text has to match
        ("@.tags =~ /u/", [0, 2]),
        ("@.id =~ /[12]/", [0, 1]),
        ("@.tags size 2", [0]),
        ("@.name size 3", [0, 1]),
        ("@.tags empty true", [1]),
        ("@.tags empty false", [0, 2]),
        ("@.tags contains 'u'", [0, 2]),
        ("@.tags contains 3", [2]),
        ("@.name contains 'n'", [0]),
        ("@.tags subsetof ['t', 'u', 'v']", [0, 1]),
        ("@.tags anyof ['t', '5']", [0, 2]),
        ("@.tags noneof ['t']", [1, 2]),
        ("@.tags.length() == 3", [2]),
        ("@.tags[0] == 'u'", [2]),
        ("@.tags == ['t', 'u']", [0]),
        ("@.o == {'z': 1}", [0]),
        ("@['id'] == 1", [0]),
        ("'ann' == @.name", [0]),
        ("@.id==1", [0]),
    ],
)
def test_a_filter_chooses_as_jayway_does(condition: str, hits: list[int]) -> None:
    """Numbers and texts compare by what stands on the left; every operator of json-path 2.9.0, one per row."""
    assert hits == at(f"items[?({condition})]")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("one[?(@.id == 1)]", [{"id": "1", "kind": "x"}]),
        ("one[?(@.id == 1)].kind", ["x"]),
        ("one[?(@.id == 2)].kind", []),
        ("no[?(@.id == 2)].p", None),
        ("text[?(@.id == 2)].p", None),
        ("want[?(@.id == 2)]", None),
        ("nope[?(@.id == 2)].p", []),
        ("no[*].p", []),
        ("no..p", []),
        ("no[0:1]", []),
        ("items[*].no[?(@.x)]", []),
        ("items[0:2]['id','p']", [{"id": 1, "p": 2}, {"id": "2", "p": 3.5}]),
        ("items[0,1]['id','nope']", [{"id": 1}, {"id": "2"}]),
        ("items[*]['o','m'].z", [1]),
        ("m['q','r']", {"q": 1, "r": "s"}),
        ("m['x','y']", {}),
        ("arr[-2:]", [3, 6]),
        ("arr[:-1]", [1, 2, 3]),
        ("arr[1:9]", [2, 3, 6]),
        ("arr[-1]", 6),
        ("arr[-9]", None),
        ("arr[0,-1,7]", [1, 6]),
        ("arr[:]", None),
        ("nested..y", [{"y": 2}, 2, 1, 3]),
        ("nested..list[0][0].y", [1]),
        ("items..[?(@.id == 1)].p", [2]),
        ("lists[?(@ == [1, 2])]", [[1, 2]]),
        ("items[?(@.o empty true)]", None),  # Jayway itself fails at it
        ("items[?(@.id == what)]", None),
        ("items[?(@.id == 1) ]", [0]),
        ("items[?(@.name =~ /(/)]", None),
    ],
)
def test_a_path_has_a_value_a_list_or_nothing(path: str, expected: Any) -> None:
    """Filters look at one object, too, and give null for what is neither object nor list; several names select."""
    assert expected == at(path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("items.length()", 4),
        ("items.size()", 4),
        ("m.size()", 2),
        ("text.length()", None),
        ("m.keys()", ["q", "r"]),
        ("arr.keys()", None),
        ("arr.first()", 1),
        ("arr.last()", 6),
        ("single.last()", None),  # as in 2.9.0
        ("arr.index(1)", 2),
        ("arr.index(-1)", 6),
        ("arr.index(9)", None),
        ("arr.sum()", 12.0),
        ("arr.sum(3)", 15.0),
        ("arr.avg()", 3.0),
        ("negative.min()", -3.0),
        ("negative.max()", 5e-324),  # as in 2.9.0
        ("arr.append(9)", [1, 2, 3, 6, 9]),
        ("text.append(9)", "text"),
        ("items[*].tags.length()", [2, 0, 3]),
        ("items[*].p.sum()", None),
        ("$..p.sum()", 4.5),
        ("sum($.w.items[*].p, 1)", 5.5),
        ("concat($.w.text, 1, 2.5)", "text12.5"),
        ('concat($.w.text, "-", $.w.arr)', "text-1236"),
        ("arr.nope()", None),
        ("m.sum()", None),
    ],
)
def test_functions_compute_as_jayway_does(path: str, expected: Any) -> None:
    """Also those that 2.9.0 has and 2.4.0 had not; where it computes oddly, oddly."""
    assert expected == at(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x ${w.no[?(@.id==2)].p}", "x null"),
        ("x ${w.nope[?(@.id==2)].p}", "x []"),
        ("x ${w.items[?(@.id==1)].name}", 'x ["ann"]'),
        ("x ${w.arr.append(9)}", "x [1, 2, 3, 6, 9]"),
    ],
)
def test_lists_of_indefinite_paths_embed_as_json(text: str, expected: str) -> None:
    """A list that is the value of a definite path embeds as Java prints it."""
    assert expected == compile_template(text).resolve(DOCUMENT, environment={}, task_id=None)


def test_embedded_json_is_escaped_as_json_smart_does() -> None:
    """Slashes and a few more characters have a backslash; doubles have Java's form."""
    document = MappingDocument({"w": {"l": ["a/b\u2028é\n", 1e10, {"k": None}]}})

    text = compile_template("<${w.l[*]}>").resolve(document, environment={}, task_id=None)

    assert text == '<["a\\/b\\u2028é\\n",1.0E10,{"k":null}]>'


RECORDED = json.loads(Path(__file__).with_name("jsonpath_answers.json").read_text(encoding="utf-8"))


def test_the_answers_are_those_of_json_path() -> None:
    """Random paths over one document, recorded with json-path 2.9.0: each value, and its text inside a longer one."""
    document = MappingDocument(RECORDED["document"])
    for path, value, text in RECORDED["answers"]:
        document.walked = 0
        compiled = compile_path(path)
        found = compiled.lookup(document)
        assert (path, json.dumps(found)) == (path, json.dumps(value))
        shown = embedded_json(found) if compiled.is_indefinite and isinstance(found, list) else java_text(found)
        assert (path, shown) == (path, text)


def test_texts_in_lists_are_read_once_more() -> None:
    """As Jayway does: backslashes are undone, quotes around a text taken off, and paths in them equal nothing."""
    document = MappingDocument({"w": [{"l": ["a\\nb", "'q'", "$.x", "$x"]}]})

    def hits(condition: str) -> int:
        found = compile_path(f"w[?({condition})]").lookup(document)
        return len(found)

    assert hits("@.l contains 'a\\nb'") == 1
    assert hits("@.l contains 'q'") == 1
    assert hits("@.l contains '$x'") == 1
    assert hits("@.l contains '$.x'") == 0


def test_a_pattern_with_comments_is_refused() -> None:
    """The flag ``x`` means something else in each engine."""
    with pytest.raises(PathRefused, match="without blanks"):
        compile_path("w.l[?(@.x =~ /a b/x)]").lookup(DOCUMENT)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+b", "(a*)*b", "(.*)*x"])
def test_a_pattern_takes_time_in_proportion_to_the_text(pattern: str) -> None:
    """What makes other engines backtrack for ever has an answer at once, also for a long text."""
    document = MappingDocument({"w": {"l": [{"x": "a" * 200_000 + "!"}]}})

    assert compile_path(f"w.l[?(@.x =~ /{pattern}/)]").lookup(document) == []


@pytest.mark.parametrize("pattern", [r"(a)\1", "a(?=b)", "(?<!a)b"])
def test_a_pattern_that_needs_backtracking_is_refused_when_it_is_used(pattern: str) -> None:
    """It compiles, so that a definition can be kept; a look-up says what it needs and what to do instead."""
    path = compile_path(f"w.l[?(@.x =~ /{pattern}/)]")

    with pytest.raises(PathRefused, match=r"look-around.*INLINE"):
        path.lookup(DOCUMENT)


@pytest.mark.parametrize(
    "path",
    [
        "w..*..*..*",
        "w.wide[?(@.l anyof $.w.many)]",
        "w.wide[?(@.l[?(@.l[?(@ == 1)])])]",
        "w.wide[*].l[*,*]",
        "w..[?(@..x)]",
    ],
)
def test_a_path_that_looks_at_too_much_is_refused(path: str) -> None:
    """Searches and filters multiply; the limit is named, with the reference."""
    tree: Any = [1]
    for _ in range(5):
        tree = [tree] * 8
    many = list(range(1000))
    document = MappingDocument({"w": {"tree": tree, "many": many, "wide": [{"l": many}] * 1000}})

    try:
        compile_path(path).lookup(document)
    except PathRefused as exc:
        assert path in str(exc)  # noqa: PT017 # one of the paths is no path at all
        assert "300,000 values" in str(exc)  # noqa: PT017 # as above
    else:
        assert path == "w.wide[*].l[*,*]"


def test_the_paths_of_one_template_share_a_limit() -> None:
    """Many references that are each within the limit are refused together; the next template begins anew."""
    document = MappingDocument({"w": {"l": [{"x": n} for n in range(100_000)]}})
    one = compile_template("${w.l[*].x}")
    many = compile_template({str(n): "${w.l[*].x}" for n in range(10)})

    assert len(one.resolve(document, environment={}, task_id=None)) == 100_000
    with pytest.raises(PathRefused, match=r"w\.l\[\*\]\.x"):
        many.resolve(document, environment={}, task_id=None)
    assert len(one.resolve(document, environment={}, task_id=None)) == 100_000


@pytest.mark.parametrize(
    "path",
    [
        "w[*]" * 2_000,
        "w.text" + ".append(1)" * 900,
        "concat(" + '"x",' * 2_000 + '"y")',
        "w.items[?(" + "@.id == 1 || " * 700 + "@.id == 2)]",
        "w.items[?(" + "!(" * 3_000 + "@.id == 1" + ")" * 3_000 + ")]",
        "w.items[?(" + "@.o[?(" * 1_200 + "@.z" + ")]" * 1_200 + ")]",
        "concat(" * 1_200 + ")" * 1_200,
    ],
    ids=range(7),
)
def test_a_path_of_many_parts_is_followed_or_refused(path: str) -> None:
    """However deep or long: it has a value, or none, or is refused with words."""
    try:
        compile_path(path).lookup(DOCUMENT)
    except PathRefused as exc:
        assert "too many steps" in str(exc)  # noqa: PT017 # some of them are followed


def test_a_path_that_is_too_long_is_refused() -> None:
    """Nested references can make a path of data; what is longer than anybody writes is an error, told in short."""
    with pytest.raises(PathRefused, match="has 1,000,001 characters, and 10,000 are allowed") as caught:
        compile_path("w" + ".a" * 500_000).lookup(DOCUMENT)
    assert len(str(caught.value)) < 400


@given(st.text(alphabet="$@.[]()'\"?*,:&|!=<>~/ ab01-{}n", max_size=30))
def test_any_text_has_a_value_or_none(text: str) -> None:
    """Nothing that somebody writes breaks a look-up."""
    compile_path(f"$.w.items{text}").lookup(DOCUMENT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 'two', three, \"four\", 5.5, true, null]", [1, "two", "three", "four", 5.5, True, None]),
        ("{a: 1, 'b': [2,], }", {"a": 1, "b": [2]}),
        ("[-1, 1e2, 01x]", [-1, 100.0, "01x"]),
        ("['it\\'s']", ["it's"]),
    ],
)
def test_loose_json_takes_quotes_of_any_kind_or_none(text: str, value: Any) -> None:
    """As it stands in a filter."""
    assert value == read_loosely(text)


@pytest.mark.parametrize("text", ["", "[1", "{a}", "[1] 2", "[" * 100])
def test_what_is_no_json_at_all_is_refused(text: str) -> None:
    """Unclosed brackets, members without a value, more than one value."""
    with pytest.raises(LooseJsonError):
        read_loosely(text)
