from __future__ import annotations

import math
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.expressions.evaluators import EvaluatorError, switch_text
from podium.expressions.evaluators import evaluate as evaluate_kind
from podium.expressions.javascript import ScriptError, ScriptTimeout, check_syntax, evaluate, truth
from podium.expressions.plain_script import TooMuchWork, plain_script

BINDINGS: dict[str, Any] = {
    "a": 3,
    "s": "x",
    "f": 1.5,
    "t": True,
    "n": None,
    "o": {"p": {"q": 1}},
    "l": [1, 2, {"x": "y"}],
    "odd key": 1,
    "loop": {"iteration": 3, "1": {"x": 1}},
    "emoji": "a\0b😀",
    "__proto__": 5,
}


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("1; 2", 2),
        ("if ($.a > 2) {'a'} else {'b'}", "a"),
        ("function f(){ return $.a } f()", 3),
        ("(() => { return {r: $.a} })()", {"r": 3}),
        ("(function(){ for (let i = 0; i < $.l.length; i++) if ($.l[i] == 2) return i })()", 1),
        ("var x = 1; let y = 2; const z = 3; x + y + z", 6),
        ("x = 5; x", 5),
        ("$.l.map(i => i)", [1, 2, {"x": "y"}]),
        ("$['odd key']", 1),
        ("$.missing", None),
        ("$.a = 9; $.a", 9),
        ("let $ = 4; $", 4),
        ("Object.keys($.o)", ["p"]),
        ("JSON.stringify($.o)", '{"p":{"q":1}}'),
        ("const {a, ...rest} = $; Object.keys(rest).length", 10),
        ("let k = []; for (const key in $.o) k.push(key); k", ["p"]),
        ("`${$.a}!`", "3!"),
        ("$.a ** 2", 9),
        ("/x/.test($.s)", True),
        ("typeof $", "object"),
        ("", None),
        ("// only a comment", None),
        ("'\\u00e9' + $.emoji", "éa\0b😀"),
        ("$.n?.x ?? 'none'", "none"),
        ("[3, 1, 2].toSorted()", [1, 2, 3]),
        ("this === globalThis", True),
        ("(function(){ return typeof this })()", "object"),
    ],
)
def test_the_value_of_the_last_statement_counts(script: str, expected: Any) -> None:
    """Scripts are modern, not strict, and ``$`` is a copy of the bindings."""
    assert expected == evaluate(script, BINDINGS)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("undefined", None),
        ("null", None),
        ("true", True),
        ("'text'", "text"),
        ("7", 7),
        ("1.0", 1),
        ("4 / 2", 2),
        ("2 ** 31", 2**31),
        ("Number.MAX_SAFE_INTEGER", 2**53 - 1),
        ("1.5", 1.5),
        ("2 ** 53", 2**53),
        ("Date.UTC(2026, 0, 1) * 1000000", 1767225600000000000),
        ("-(2 ** 63)", -(2**63)),
        ("2 ** 63", float(2**63)),
        ("1e21", 1e21),
        ("-0", -0.0),
        ("Infinity", math.inf),
        ("-Infinity", -math.inf),
        ("[1, 1.0, 2.5, -0, 1e300]", [1, 1, 2.5, -0.0, 1e300]),
        ("[undefined, null]", [None, None]),
        ("({a: undefined})", {"a": None}),
        ("new Map([['k', {a: 1}], [1, [2]]])", {"1": [2], "k": {"a": 1}}),
        ("(function f(){})", {}),
        ("Object.assign(() => 1, {a: 1})", {"a": 1}),
        ("new Date()", {}),
        ("Promise.resolve(1)", {}),
        ("new (class { constructor(){ this.x = 1 } get y(){ return 2 } m(){} })()", {"x": 1}),
        ("Symbol('s')", {}),
        ("[() => 1, new Date(0), /x/, Symbol('s')]", [{}, {}, {}, {}]),
        ("10n", 10),
        ("2n ** 62n", 2**62),
        ("2n ** 64n", 2**64),
        ("new Uint8Array([1, 2])", [1, 2]),
        ("({toJSON(){ return 5 }, a: 1})", {"toJSON": {}, "a": 1}),
        ("Object.create({inherited: 1}, {own: {value: 2, enumerable: true}})", {"own": 2}),
        ("[,1]", [None, 1]),
    ],
)
def test_results_are_converted_like_graaljs_does(script: str, expected: Any) -> None:
    """One kind of value per row."""
    result = evaluate(script, {})

    assert expected == result
    assert type(expected) is type(result)
    assert str(expected) == str(result)


def test_numbers_that_json_has_not_are_texts_inside_a_result() -> None:
    """A whole result is a double, for conditions; inside it stand the texts that Conductor's store has."""
    assert math.isnan(evaluate("NaN", {}))
    result = evaluate("({a: [NaN, Infinity, -1 / 0, 1.5, 1e300, '1e999']})", {})
    assert result == {"a": ["NaN", "Infinity", "-Infinity", 1.5, 1e300, "1e999"]}


BIG = {"n": 2**53 + 1, "same": 2**53 + 1, "near": 2**53, "ns": 1767225600123456789, "even": 1767225600000000000}


@pytest.mark.parametrize(
    "value", [2**53 + 1, -(2**60), 2**60 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, 10**40]
)
def test_an_integer_of_any_length_passes_through_exactly(value: int) -> None:
    """Alone, in lists and objects, as text and in JSON of the script's own."""
    bindings = {"v": value, "deep": {"l": [value]}}

    assert evaluate("$.v", bindings) == value
    assert evaluate("$.deep", bindings) == {"l": [value]}
    assert type(evaluate("$.v", bindings)) is int
    assert evaluate("'id-' + $.v + `/${$.deep.l}`", bindings) == f"id-{value}/{value}"
    assert evaluate("JSON.stringify($.deep)", bindings) == f'{{"l":[{value}]}}'
    assert evaluate("BigInt($.v) + 1n", bindings) == value + 1


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("typeof $.even", "number"),
        ("$.even - 1 > 0", True),
        ("Math.floor($.even / 1000000)", 1767225600000),
        ("$.even + 256", 1767225600000000256),
        ("Math.floor($.ns / 1000000)", 1767225600123),
        ("new Date($.ns / 1000000).toISOString()", "2026-01-01T00:00:00.123Z"),
        ("$.n - 1", 2**53 - 1),
        ("-$.n", -(2**53)),
        ("$.n > 5", True),
        ("$.n === $.same", True),
        ("$.n === $.near", False),
        ("$.n == $.same", True),
        ("$.n != 9007199254740992", True),
        ("[$.near, $.n].includes($.same)", True),
        ("new Set([$.n, $.same, $.near]).size", 2),
        ("({'9007199254740993': 'hit'})[$.n]", "hit"),
        ("$.n.toString()", "9007199254740993"),
        ("Number.isInteger($.n)", True),
        ("Number($.n)", 2**53),
        ("isNaN($.n)", False),
        ("$.n ? 'some' : 'none'", "some"),
    ],
)
def test_integers_beyond_what_a_double_holds_can_be_used(script: str, expected: Any) -> None:
    """What a double holds is a number; the others compare and print exactly, and round where one computes with them."""
    assert expected == evaluate(script, BIG)
    assert type(expected) is type(evaluate(script, BIG))


def test_adding_to_an_integer_that_no_double_holds_is_refused() -> None:
    """It could be meant as a text or as a number; the error says what to write."""
    with pytest.raises(ScriptError, match=r"beyond 2\*\*53, write Number\(\$\.x\) \+ 1 \(rounded\) or BigInt"):
        evaluate("$.n + 1", BIG)


def test_half_surrogate_pairs_are_a_clear_error() -> None:
    """Text that cannot be written as UTF-8 may come in, but not go out, and cannot be a script."""
    assert evaluate("$.s.length", {"s": "\ud800"}) == 1
    with pytest.raises(ScriptError, match="cannot be kept as JSON"):
        evaluate("$.s", {"s": "\ud800"})
    with pytest.raises(ScriptError, match="surrogate"):
        evaluate("'\ud800'", {})


def test_deep_values_pass_or_are_refused() -> None:
    """Hundreds of levels pass; what is too deep for JSON is an error, in both directions."""
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    assert deep == evaluate("$.deep", {"deep": deep})

    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ScriptError, match="cannot be given to a script"):
        evaluate("1", {"deep": deep})
    with pytest.raises(ScriptError):
        evaluate("let o = []; for (let i = 0; i < 1e5; i++) o = [o]; o", {})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_json_passes_through(value: Any) -> None:
    """What goes in as JSON comes out the same, up to integral floats becoming ints, as in GraalJS."""
    result = evaluate("$.v", {"v": value})

    assert value == result


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("null.x", "`TypeError: Cannot read property 'x' of null` at line 1"),
        ("\n\n$.n.x", "`TypeError: Cannot read property 'x' of null` at line 3"),
        ("$.nope.b.c", "`TypeError: Cannot read property 'b' of undefined` at line 1"),
        ("let o = {}; o.a.b = 1", "`TypeError: Cannot set property 'b' of undefined` at line 1"),
        ("[...null]", "`TypeError: Cannot read property 'Symbol(Symbol.iterator)' of null` at line 1"),
        ("nobody()", "`ReferenceError: nobody is not defined` at line 1"),
        ("let z = z", "`ReferenceError: z is not defined` at line 1"),
        ("const c = 1; c = 2", '`TypeError: Assignment to constant "c"` at line 1'),
        ("var f; f()", "`TypeError: f is not a function` at line 1"),
        ("let o = {};\no.f()", "`TypeError: o.f is not a function` at line 2"),
        ("1n + 1", "`TypeError: Cannot convert a BigInt value to a number` at line 1"),
        ("(function f(){ f() })()", "`RangeError: Maximum call stack size exceeded` at line 1"),
        ("[].reduce((a, b) => a)", "`TypeError: Reduce of empty array with no initial value`"),
        ("new Date(NaN).toISOString()", "`RangeError: time value is not a finite number`"),
        ("JSON.parse('')", "`SyntaxError: Unexpected end of JSON input`"),
        ("throw new Error('boom')", "`Error: boom`"),
        ("function f(){\n throw new Error('why')\n}\nf()", "`Error: why`"),
        ("throw new TypeError('bad')", "`TypeError: bad`"),
        ("throw new Error()", "`Error`"),
        ("throw new (class Odd extends Error { name = 'Odd' })('m')", "`Odd: m`"),
        ("throw new (class My extends Error {})('own')", "`My: own`"),
        ("try { null.x } catch (e) { throw e }", "`TypeError: Cannot read property 'x' of null` at line 1"),
        ("throw 5", "`5` at line 1"),
        ("\nif (true) {\n throw 'text' }", "`text` at line 3"),
        ("throw {a: 1}", "`Error` at line 1"),
        ("throw {name: 'N', message: 'm'}", "`N: m` at line 1"),
        ("throw [1]", "`Array` at line 1"),
        ("throw null", "`null` at line 1"),
        ("throw undefined", "`undefined` at line 1"),
        ("throw Symbol('s')", "`Symbol(s)` at line 1"),
        ("throw 1n", "`1n` at line 1"),
        ("throw -0", "`-0` at line 1"),
        (") (", "`SyntaxError: inline:1:0 Expected ; but found )\n) (\n^\n` at line 1"),
        ("var x = ;", "`SyntaxError: inline:1:8 Expected an operand but found ;\nvar x = ;\n        ^\n` at line 1"),
        ("1;\n1 +", "`SyntaxError: inline:2:3 Expected an operand but found eof\n1 +\n   ^\n` at line 2"),
        ("foo bar", "`SyntaxError: inline:1:4 Expected ; but found bar\nfoo bar\n    ^\n` at line 1"),
        ("}", "`SyntaxError: inline:1:0 Expected eof but found }\n}\n^\n` at line 1"),
        ("return 1", "`SyntaxError: inline:1:0 Invalid return statement\nreturn 1\n^\n` at line 1"),
        ("let o = {}; o.o = o; o", "`TypeError: Converting circular structure to JSON`"),
    ],
)
def test_errors_read_like_conductors(script: str, message: str) -> None:
    """The text names the type, the message, and the line if there is one."""
    with pytest.raises(ScriptError) as caught:
        evaluate(script, BINDINGS)

    assert f"Error evaluating the script {message}" == str(caught.value)


@pytest.mark.parametrize(
    ("script", "length"),
    [
        ("var f; " + " " * 100_000 + "f()", 100),
        ("f" * 100_000 + "()", 2_200),
        (" " * 100_000 + ") (", 120),
        ("if (true) throw 1;\n" * 10_000, 60),
    ],
)
def test_errors_of_very_long_scripts_are_short(script: str, length: int) -> None:
    """A line that nobody reads is not shown, and is not gone through again and again."""
    with pytest.raises(ScriptError) as caught:
        evaluate(script, {})

    assert len(str(caught.value)) < length


def test_a_timeout_reads_like_conductors() -> None:
    """An endless script ends in Conductor's words, by default after four seconds."""
    with pytest.raises(ScriptTimeout) as caught:
        evaluate("for (;;);", {}, time_limit_s=0.05)

    assert str(caught.value) == "Script not evaluated within 0.05 seconds, interrupted."
    assert str(ScriptTimeout(4.0)) == "Script not evaluated within 4 seconds, interrupted."


def test_the_time_of_other_threads_does_not_end_a_script() -> None:
    """The interpreter counts the CPU of the whole process; a script that was cut off for others' work is repeated."""
    stop = threading.Event()

    def burn() -> None:
        while not stop.is_set():
            try:
                evaluate("for (;;);", {}, time_limit_s=0.2)
            except ScriptTimeout:
                continue

    threads = [threading.Thread(target=burn) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            assert evaluate("for (let i = 0; i < 2e5; i++); 1", {}, time_limit_s=2.0) == 1
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(
    "name",
    [
        "print",
        "console",
        "require",
        "load",
        "fetch",
        "setTimeout",
        "setInterval",
        "setImmediate",
        "std",
        "os",
        "process",
        "module",
        "exports",
        "Java",
        "Polyglot",
        "Worker",
        "XMLHttpRequest",
        "navigator",
        "document",
        "window",
    ],
)
def test_the_outside_is_absent(name: str) -> None:
    """There is nothing in a script that reaches out of it."""
    assert evaluate(f"typeof {name}", {}) == "undefined"


def test_importing_gives_nothing() -> None:
    """A module cannot be loaded, also not later."""
    assert evaluate("import('os')", {}) == {}
    with pytest.raises(ScriptError, match="SyntaxError"):
        evaluate("import os from 'os'", {})


def test_bindings_are_a_copy() -> None:
    """A script cannot change its caller's values."""
    bindings = {"l": [1]}

    assert evaluate("$.l.push(2); $.l", bindings) == [1, 2]
    assert bindings == {"l": [1]}


def test_scripts_do_not_see_each_other() -> None:
    """Neither globals nor changed built-ins live on."""
    evaluate("globalThis.left = 1; Array.prototype.left = 1; Math.max = () => 0; Object.prototype.left = 1", {})

    assert evaluate("[typeof left, typeof [].left, Math.max(1, 3)]", {}) == ["undefined", "undefined", 3]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("$.get('a')", 3),
        ("$.get('missing')", None),
        ("$.getOrDefault('missing', 7)", 7),
        ("$.containsKey('a') && !$.containsKey('b')", True),
        ("$.l.size()", 3),
        ("$.l.get(1)", 2),
        ("$.l.contains(2)", True),
        ("$.l.isEmpty() || $.o.isEmpty()", False),
        ("$.o.keySet()", ["p"]),
        ("$.o.values()", [{"q": 1}]),
        ("$.l.get(2).get('x')", "y"),
        ("$.o.entrySet().map(e => e.getKey())", ["p"]),
        ("$.get('a'); Object.keys($.o)", ["p"]),
        ("$.get('a'); JSON.stringify($.o)", '{"p":{"q":1}}'),
        ("$.l.size(); Array.isArray($.l) && $.l.map(x => 1)", [1, 1, 1]),
        ("$.get('a'); $.o", {"p": {"q": 1}}),
        ("new Map([[1, 2]]).get(1) + $.l.size()", 5),
        ("[$.o.put('r', 5), $.o.put('r', 6), $.o.remove('r'), $.o.size()]", [None, 5, 6, 1]),
        ("$.o.putAll({s: 1}); $.o.s", 1),
        ("$.l.add(4); $.l.add(0, 9); $.l.addAll([5]); [$.l.remove(1), $.l.set(0, 7), $.l.size()]", [1, 9, 5]),
        ("new Set([1]).add(2).size", 2),
    ],
)
def test_javas_methods_work_on_maps_and_lists(script: str, expected: Any) -> None:
    """Scripts written against host objects run; what they use is invisible to others."""
    assert expected == evaluate(script, BINDINGS)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("$.a > 1", None),
        ("for (;;);", None),
        ("throw new SyntaxError('only when run')", None),
        ("let a = 1; let a = 2", "SyntaxError"),
        ("return 1", "SyntaxError: return not in a function at line 1"),
        ("\n\n1 +", "at line 3"),
        ("}{", "SyntaxError"),
        ("'\ud800'", "SyntaxError"),
        ("a\0b", "SyntaxError"),
        ("", None),
    ],
)
def test_syntax_is_checked_without_running(script: str, error: str | None) -> None:
    """Checking says what does not compile, and runs nothing."""
    found = check_syntax(script)

    assert (found is None) if error is None else (found is not None and error in found)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0.5, True),
        (0, False),
        (-1, False),
        (math.nan, False),
        ("true", False),
        ("x", False),
        ({"a": 1}, False),
        ([1], False),
        (None, False),
    ],
)
def test_truth_is_not_javascripts(value: Any, expected: bool) -> None:
    """A boolean counts as it is, a number if it is positive, everything else is false."""
    assert expected is truth(value)


PLAIN = [
    "$.a == 3",
    "$.a > 1 ? 'many' : 'one'",
    "!($.o.p.q == 1) || $['s'] === 'x'",
    "$.a < 5 && $.loop['iteration'] < 4",
    "$.a / 2",
    "$.a * 2 - 1 % 4",
    "4/2+$.a",
    "$.n.x",
    "$.missing.x",
    "$.l[0]",
    "$.l[7]",
    "$.l.length",
    "$.l[2].x",
    "$.s.length",
    "$.o",
    "$",
    "$.missing",
    "$.emoji",
    "$.a + $.s",
    "$.l + ''",
    "$.o + ''",
    "-$.a",
    "+$.s",
    "$.a - -1",
    "$['a'];",
    "($.a)",
    "$.__proto__",
    "$.constructor + ''",
    "$.toString",
    "$.a ?? 4",
    "$.n?.b",
    "$.a === undefined",
    "$.f",
    "$.a\n+1",
    "$.loop['1'].x",
    "$.l['0']",
    "$[0]",
    "$ .a",
    "$.a ? 1",
    "$.t && !$.n",
    "$.a==010",
    "$.big",
    "$.big == 9007199254740993",
]


@pytest.mark.parametrize("script", PLAIN)
def test_formulas_give_what_the_sandbox_gives(script: str) -> None:
    """A formula is only a quicker way to the same value or error."""
    bindings = {**BINDINGS, "big": 2**53 + 1}
    formula = plain_script(script)
    assert formula is not None

    def outcome(way: Any) -> tuple[str, Any]:
        try:
            return "value", way()
        except ScriptError as exc:
            return "error", str(exc)

    def quickly() -> Any:
        try:
            return formula.evaluate(bindings)
        except TooMuchWork:
            return evaluate(script, formula.narrowed(bindings))

    assert outcome(lambda: evaluate(script, bindings)) == outcome(quickly)


whole = st.one_of(
    st.integers(-3, 3), st.sampled_from([2**53 - 1, -(2**53) + 1]), st.just(None), st.booleans(), st.just(1.5)
)
operands = st.sampled_from(
    ["$.a", "$['a']", "$.o.p", "$.o['p'].q", "$.l[0]", "$.n?.a", "0", "1", "17", "010", "9007199254740991"]
)
signs = st.sampled_from(["<", "<=", ">", ">=", "==", "===", "!=", "!==", "+", "-", "*", "/"])


@given(left=operands, sign=signs, right=operands, a=whole, p=whole)
def test_counting_gives_what_the_sandbox_gives(left: str, sign: str, right: str, a: Any, p: Any) -> None:
    """Two whole numbers and one operator are calculated without JavaScript, and alike: also the type of the result."""
    formula = plain_script(f"{left} {sign} {right}")
    if formula is None:
        return
    bindings = {"a": a, "o": {"p": p}, "l": [a], "n": None}

    def outcome(way: Any) -> tuple[str, str]:
        try:
            return "value", repr(way())
        except ScriptError as exc:
            return "error", str(exc)

    assert outcome(lambda: evaluate(formula.source, bindings)) == outcome(lambda: formula.evaluate(bindings))


@pytest.mark.parametrize(
    ("script", "size"),
    [(" && ".join(["$.a <= $.a"] * 120) + " ? 'y' : 'n'", 20_000), ("$.a.length > 0", 600_000)],
)
def test_a_formula_that_would_take_long_is_left_to_others(script: str, size: int) -> None:
    """Its operators may each look at all of the input; together that is limited."""
    formula = plain_script(script)
    assert formula is not None
    assert formula.evaluate({"a": [1, 2], "unread": list(range(size))}) in {"y", True}

    with pytest.raises(TooMuchWork):
        formula.evaluate({"a": list(range(size))})


@pytest.mark.parametrize(
    "script",
    [
        "$.a--",
        "$.a++",
        "$.a ++",
        "++$.a",
        "- -$.a",
        "--$.a",
        "$.a = 3",
        "$.a += 3",
        "$.f()",
        "$.f``",
        "($.f)($.a)",
        "$.f\n($.a)",
        "new $.f",
        '/ "/ + evil() + /" / + $.a',
        '$.a + / "/ + evil() + /" /',
        "$.a // x",
        "$.a /* x */",
        "$.a <!-- x",
        "`${$.a}`",
        "$.a, evil()",
        "$.a; evil()",
        "$.a\nevil",
        "(() => $.a)",
        "function f(){ $.a }",
        "{$.a}",
        "[$.a]",
        "({a: $.a})",
        "$[$.a]",
        "$['a' + $.a]",
        "$['\\x61']",
        "$.a in $.o",
        "delete $.a",
        "typeof $.a",
        "$.a << 31",
        "$.a ** 9",
        "$.a == 1n",
        "this.$",
        "$$",
        "(($.a)",
        "$.a)",
        "$.a; $.s",
        "1 + 1",
        "",
        "$.a == " + "1 + " * 1000 + "1",
        "$.größe",
    ],
)
def test_anything_that_might_run_code_is_no_formula(script: str) -> None:
    """Calls, assignments, functions, comments, regular expressions and unknown syntax are left to the sandbox."""
    assert plain_script(script) is None


def test_a_formula_looks_only_at_what_it_reads() -> None:
    """The cost of a loop's condition does not grow with the iterations that the loop has behind it."""
    formula = plain_script("$.loop.iteration < 3 && $.items[0].x == 1")
    assert formula is not None

    class Iterations(dict[str, Any]):
        """Fails if it is written out."""

        def items(self) -> Any:
            raise AssertionError("the whole object was read")

    assert {("loop", "iteration"), ("items",)} == formula.paths
    assert formula.evaluate({"loop": Iterations(iteration=1), "items": [{"x": 1}], "other": Iterations()})


@given(st.text(alphabet="$.ab[]'\"0123 \n()!=<>&|+-*/%?:;`{},n\\", max_size=30))
def test_formulas_agree_with_the_sandbox_on_any_text(script: str) -> None:
    """Whatever is taken for a formula means the same in a sandbox."""
    formula = plain_script("$.a" + script)
    if formula is None:
        return
    test_formulas_give_what_the_sandbox_gives("$.a" + script)


class Table:
    """A script runner that answers from a table."""

    def evaluate(self, script: str, bindings: Any) -> Any:
        """Return what was bound, so that a test can see it."""
        return [script, bindings]

    def run_python(self, script: str, bindings: Any) -> Any:
        """Return what was asked."""
        return ["python", script, bindings]


@pytest.mark.parametrize(
    ("kind", "expression", "expected"),
    [
        ("value-param", "a", 3),
        ("value-param", "missing", None),
        ("value-param", "o.p", None),
        ("javascript", "$.a", ["$.a", BINDINGS]),
        ("graaljs", "$.a", ["$.a", BINDINGS]),
        ("python", "a", ["python", "a", BINDINGS]),
    ],
)
def test_evaluators_are_chosen_by_type(kind: str, expression: str, expected: Any) -> None:
    """``value-param`` names an input; both JavaScript types and Python go to the script runner."""
    assert expected == evaluate_kind(kind, expression, BINDINGS, scripts=Table())


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nope", "^No evaluator registered for type: nope$"),
        ("", "^No evaluator registered for type: $"),
    ],
)
def test_other_evaluators_are_refused(kind: str, message: str) -> None:
    """Unknown types are refused in Conductor's words."""
    with pytest.raises(EvaluatorError, match=message):
        evaluate_kind(kind, "a", {}, scripts=Table())


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), (1, "1"), (1.0, "1.0"), ("EXPRESS", "EXPRESS"), (["a", "b"], "[a, b]")],
)
def test_switch_turns_values_into_case_names(value: Any, text: str) -> None:
    """A missing value is the case ``null``; a list is Java's text."""
    assert text == switch_text(value)
