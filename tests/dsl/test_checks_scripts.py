"""Scripts: what they read, and whether they run the same everywhere."""

from __future__ import annotations

import pytest
from check_samples import codes, loop, only, problems, step, switch, typed

from podium.checks.reads import reads_of
from podium.model.values import JsonValue


def _inline(script: str, kind: str = "INLINE", **inputs: JsonValue) -> dict[str, JsonValue]:
    key = "scriptExpression" if kind == "LAMBDA" else "expression"
    return typed(kind, "i", inputParameters={key: script, **inputs})


@pytest.mark.parametrize(
    ("script", "names", "keys", "is_complete"),
    [
        ("$.a + $['b c'] + $.get('d')", ["a", "b c", "d"], [], True),
        ("$.a.b > $.a['c'] && $.d.length()", ["a", "d"], [("a", "b"), ("a", "c")], True),
        ("$?.a ? $.b?.c : 1", ["a", "b"], [], True),
        ("'$.x' + \"$.y\" // $.z\n + $.a /* $.b */", ["a"], [], True),
        ("$.a = 1; $.b == 2", ["b"], [], True),
        ("f($)", [], [], False),
        ("$[key]", [], [], False),
        ("`${x} $.a`", ["a"], [], False),
        ("a.$.b + x$.c + $d", [], [], True),
        ("$.keySet()", [], [], False),
        ("'it\\'s $.x' + $.a", ["a"], [], True),
        ("", [], [], True),
    ],
)
def test_what_a_script_reads(script: str, names: list[str], keys: list[tuple[str, str]], *, is_complete: bool) -> None:
    """Members by name, quoted name and ``get``; whatever else is done with ``$`` is noted."""
    reads = reads_of(script)

    assert (list(reads.names), list(reads.keys), reads.is_complete) == (names, keys, is_complete)


def test_r1_scripts_that_read_what_nobody_gives() -> None:
    """INLINE and LAMBDA as conditions; what a template gives, and what references put in, is let be."""
    assert only(problems(_inline("$.l['iteration'] + $.n", n=1))).path == "tasks[0].inputParameters.expression"
    assert codes(problems(_inline("return $.m", "LAMBDA", n=1))) == ["R1"]
    assert problems(_inline("$.expression.length + $.evaluatorType", evaluatorType="javascript")) == []
    assert problems(_inline("$.x ${workflow.input.y}")) == []
    assert problems(_inline("$.x", evaluatorType="python")) == []
    templated = {**_inline("$.x"), "taskDefinition": {"name": "i", "inputTemplate": {"x": 1}}}
    assert problems(templated) == []
    legacy = typed("DECISION", "d", caseExpression="$.kindd", inputParameters={"kind": 1}, decisionCases={"A": []})
    assert only(problems(legacy)).hint == "did you mean 'kind'?"


def test_r1_a_key_of_a_number() -> None:
    """A value as it stands that has no keys is asked for one."""
    swapped = loop("l", "$.limit['iteration'] < $.l", step("b"), inputParameters={"limit": 2})

    found = problems(swapped)

    assert only([each for each in found if each.code == "R1"]).message.endswith(
        "reads 'iteration' of $.limit, which is 2"
    )
    assert problems(_inline("$.a.length + $.b.c + $.d[0]", a="text", b="${workflow.input.b}", d=[1])) == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("console.log($.n); $.n", "uses console"),
        ("print('x'); 1", "uses print"),
        ("require('x').y($.n)", "uses require"),
        ("var T = Java.type('x'); 1", "uses Java"),
        ("java.lang.System.exit(1)", "uses java"),
        ("$.n.equals('x')", "calls equals()"),
        ("$.n.trim().equalsIgnoreCase('x')", "calls equalsIgnoreCase()"),
        ("new Date($.n).getHours() > 8", "calls getHours()"),
        ("new Date($.n).setHours(3)", "calls setHours()"),
        ("new Date(2026, 0, 1).getTime()", "calls new Date()"),
        ("new Date('2026-01-05T10:00').getTime()", "reads the time '2026-01-05T10:00'"),
        ("Date.parse('2026-01-05 10:00:30.5')", "reads the time '2026-01-05 10:00:30.5'"),
        ("new Date($.n).toLocaleDateString()", "calls toLocaleDateString()"),
        ("['b', 'a'].sort((a, b) => a.localeCompare(b))", "calls localeCompare(), which goes by locale"),
        ("'i'.toLocaleUpperCase('tr')", "calls toLocaleUpperCase()"),
        ("new Intl.NumberFormat('en').format($.n)", "uses Intl"),
        ("btoa('x')", "uses btoa, which a Conductor server has not"),
        ("performance.now()", "uses performance"),
        ("JSON.rawJSON('1')", "uses JSON.rawJSON"),
        ("/x/.test('x'); RegExp.$1", "uses RegExp.$1, which Podium has not"),
        ("$.n == 9007199254740993", "writes 9007199254740993, which JavaScript rounds to 9007199254740992"),
        ("return $.n", "has a return outside"),
        ("if ($.n) { return 1 } 2", "has a return outside"),
    ],
)
def test_l2_what_does_not_run_everywhere(script: str, said: str) -> None:
    """No console, no Java, no place, no bare return; also in a SWITCH."""
    assert said in only(problems(_inline(script, n=1))).message
    condition = {"evaluatorType": "graaljs", "expression": script, "inputParameters": {"n": "${workflow.input.n}"}}
    assert [each.code for each in problems(switch("s", {"A": [step("a")]}, **condition)) if each.code == "L2"] == ["L2"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("JSON.stringify($.m)", "writes $.m with JSON.stringify()"),
        ("JSON.stringify($['m'].inner[0], null, 2)", "writes $['m'].inner[0] with"),
        ("JSON.stringify($)", "writes $ with"),
        ("var m = $.m || {}; JSON.stringify(m)", "writes m with"),
        ("$.l.map(x => JSON.stringify(x))", "writes x with"),
        ("$.l.forEach(function (x) { Object.keys(x) }); 1", "calls Object.keys(x)"),
        ("for (const x of $.l) { Object.entries(x) }", "calls Object.entries(x)"),
        ("Object.keys($.m).length === 0", "calls Object.keys($.m)"),
        ("Reflect.ownKeys($.m)", "calls Reflect.ownKeys($.m)"),
        ("Object.assign({}, {a: 1}, $.m)", "copies $.m with Object.assign()"),
        ("'k' in $.m", "looks for a name in $.m"),
        ("$.m.hasOwnProperty('k')", "asks $.m for a name"),
        ("String($.m)", "makes a text of $.m"),
        ("$.l.sort()", "sorts $.l where it stands"),
        ("$.l.sort((a, b) => a - b)[0]", "sorts $.l where it stands"),
    ],
)
@pytest.mark.parametrize("kind", ["INLINE", "LAMBDA"])
def test_l2_what_java_objects_do_otherwise(script: str, said: str, kind: str) -> None:
    """What looks at an object of the input as a whole gives garbage, or fails, where that is Java's."""
    found = only(problems(_inline(script, kind, m="${workflow.input.m}", l="${workflow.input.l}")))

    assert (found.code, found.severity) == ("L2", "warning")
    assert said in found.message
    assert found.hint


@pytest.mark.parametrize(
    "script",
    [
        "({...$.m}).k + $.m.k + $.m['z']",
        "JSON.stringify({id: $.m.id, n: $.l.length})",
        "JSON.stringify($.text) + JSON.stringify($.count) + String($.count) + JSON.stringify($.l.length)",
        "JSON.stringify($.l.map(x => x.id))",
        "let out = {}; for (const k in $.m) { out[k] = $.m[k] } JSON.stringify(out)",
        "[...$.l].sort() && $.l.slice().sort() && $.l.join(',')",
        "Object.keys({...$.m})",
        "$.l.map(x => String(x))",
        "const {k} = $.m; k",
    ],
)
def test_l2_what_java_objects_do_alike(script: str) -> None:
    """Members, spread, copies, methods of arrays, and what is known to be a text or a number."""
    inputs = {"m": "${workflow.input.m}", "l": "${workflow.input.l}", "text": "a ${workflow.input.t}", "count": 3}

    assert [each for each in problems(_inline(script, **inputs)) if each.code == "L2"] == []


@pytest.mark.parametrize(
    "script",
    [
        "(function () { return $.n; })()",
        "$.n.map(x => { return x + 1 })",
        "'console.log(1)' // print(2)",
        "function print(x) { return x } print($.n)",
        "$.print.x + $.n.load(1)",
        "new Date($.n).getTime() + new Date($.n).getUTCHours() + Date.now()",
        "new Date('2026-01-05').getTime() + Date.parse('2026-01-05T10:00Z') + Date.parse('2026-01-05T10:00:00+01:00')",
        "Math.floor(Math.random() * 3)",
        "$.n == 9007199254740992 || $.n === 9007199254740993n || $.n == '9007199254740993'",
        "$.n.get('a') + $.n.size()",
        "({result: $.n})",
        "let a = 1; const b = 2; a + b",
        "not a script at all",
    ],
)
def test_l2_what_runs_everywhere(script: str) -> None:
    """Functions of its own, texts, UTC, what both engines have; what cannot be read is told otherwise."""
    inputs = {"n": "${workflow.input.n}", "print": "${workflow.input.m}"}

    assert [each for each in problems(_inline(script, **inputs)) if each.code == "L2"] == []


def test_l2_of_conditions() -> None:
    """Chance decides nothing that can be seen again; a text is no truth; a loop knows one language."""
    chance = {"evaluatorType": "javascript", "expression": "Math.random() > 0.5"}
    assert codes(problems(switch("s", {"true": [step("a")]}, **chance))) == ["L2"]
    assert codes(problems(loop("l", "if ($.l.iteration < 3) { 'true' } else { 'false' }", step("a")))) == ["L2"]
    assert problems(loop("l", "if ($.l.iteration < 3) { true } else { false }", step("a"))) == []
    assert codes(problems(loop("l", "$.l.iteration < 3", step("a"), evaluatorType="python"))) == ["L2"]
    assert problems(loop("l", "$.l.iteration < 3", step("a"), evaluatorType="graaljs")) == []
    unknown = problems(switch("s", {"A": [step("a")]}, evaluatorType="js", expression="$.kind"))
    assert [(each.code, each.severity) for each in unknown] == [("L2", "error")]
    assert problems(_inline("return $.n", "LAMBDA", n=1)) == []
    assert codes(problems(_inline("return $.n.toLocaleString()", "LAMBDA", n=1))) == ["L2"]
