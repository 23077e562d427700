"""What a hostile or careless script can try, in this process and in a child that can be killed."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from podium.expressions.isolation import Isolation
from podium.expressions.javascript import ScriptError, ScriptTimeout, evaluate
from podium.expressions.jq import JqError

#: Scripts that must end by the time limit.
ENDLESS = {
    "loop": "for (;;);",
    "recursion that grows wide": "function f(n){ return n < 2 ? 1 : f(n - 1) + f(n - 2) } f(100)",
    "backtracking": "/(a+)+$/.test('a'.repeat(60) + 'b')",
    "caught": "for (;;) { try { for (;;); } catch (e) {} finally { for (;;); } }",
    "text of what is thrown": "throw {get message(){ for (;;); }}",
    "text of an error": "throw new (class extends Error { get message(){ for (;;); } get stack(){ for (;;); } })()",
    "text of the interruption": "InternalError.prototype.toString = () => { for (;;); }; for (;;);",
    "text of all errors": "Error.prototype.toString = () => { for (;;); }; for (;;);",
    "primitive of the interruption": "Object.prototype[Symbol.toPrimitive] = () => { for (;;); }; for (;;);",
    "stack of the interruption": "Object.defineProperty(Error.prototype, 'stack', {get(){ for (;;); }}); for (;;);",
    "own stack format": "Error.prepareStackTrace = () => { for (;;); }; try { null.x } catch {} for (;;);",
    "toJSON of the result": "({toJSON(){ for (;;); }, get a(){ for (;;); }})",
    "getter of the result": "({a: [{get b(){ for (;;); }}]})",
    "proxy as the result": "new Proxy({}, {ownKeys(){ for (;;); }})",
    "proxied list as the result": "new Proxy([], {get(){ for (;;); }})",
    "iterator": "for (const x of {[Symbol.iterator]: () => ({next: () => ({done: false})})});",
    "sort": "[3, 2, 1].sort(() => { for (;;); })",
    "async": "for (;;) (async () => { for (;;); })()",
    "disposal": "for (;;) { const d = new DisposableStack(); d.defer(() => { for (;;); }); d.dispose() }",
    "new function": "new Function('for (;;);')()",
}

#: Scripts that must fail at once, for lack of memory, of stack, or of sense.
FAILING = {
    "list that grows": "let a = []; for (;;) a.push('x'.repeat(1e6))",
    "text that doubles": "let s = 'x'; for (;;) s = s + s; s",
    "long text": "'x'.repeat(2 ** 29)",
    "text that is too long": "'x'.repeat(12e6)",
    "filled list": "new Array(2 ** 32 - 1).fill(0)",
    "sparse list as the result": "const l = []; l.length = 4e9; JSON.stringify(l.fill(1))",
    "spread": "[...new Array(2 ** 32 - 1)]",
    "buffer": "new ArrayBuffer(2 ** 32)",
    "shared buffers": "const l = []; for (;;) l.push(new SharedArrayBuffer(2 ** 24))",
    "recursion": "(function f(){ f() })()",
    "recursion in a getter": "({get a(){ return this.a }}).a",
    "recursion in the result": "const o = {get a(){ return {__proto__: o, get b(){ return o } } }}; o.self = o; o",
    "deep result": "let o = {}; for (let i = 0; i < 1e5; i++) o = {o}; o",
    "deep source": "eval('['.repeat(1e5))",
    "deep JSON": "JSON.parse('['.repeat(1e6))",
    "blocking": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "thrown text that throws": "throw {toString(){ throw 1 }}",
    "thrown proxy": "throw new Proxy({}, {get(){ throw 1 }})",
    "thrown nothing": "throw undefined",
    "thrown huge text": "throw 'x'.repeat(2e7)",
    "half a surrogate pair": "'\\ud800'",
    "cycle": "const o = {}; o.o = [o]; o",
}

#: Scripts that break the built-ins they find, and what they must give all the same.
GAMES: dict[str, tuple[str, Any]] = {
    "prototype of objects": ("Object.prototype.toJSON = () => 'forged'; ({a: 1})", {"a": 1}),
    "setter on objects": ("Object.prototype.__defineSetter__('x', () => { throw 1 }); ({y: 1})", {"y": 1}),
    "JSON": ("JSON.stringify = () => 'forged'; JSON.parse = null; ({a: 1})", {"a": 1}),
    "global names": ("var JSON = 1, Object = 2, Map = 3, String = 4, Number = 5, BigInt = 6, eval = 7; [1.5]", [1.5]),
    "no globals": (
        "const g = globalThis; for (const k of Object.getOwnPropertyNames(g)) delete g[k]; [{}, 1]",
        [{}, 1],
    ),
    "bindings": ("$ = null; globalThis.$ = 1; $", 1),
    "array methods": ("Array.prototype.push = Array.prototype.join = null; [1, [2]]", [1, [2]]),
    "promises are never run": ("Promise.resolve().then(() => { for (;;); }); 1", 1),
    "microtasks are never run": ("queueMicrotask(() => { for (;;); }); 1", 1),
    "finalizers are never run": ("new FinalizationRegistry(() => { for (;;); }).register({}, 1); 1", 1),
    "generators left open": ("function* g(){ try { yield 1 } finally { for (;;); } } g().next().value", 1),
    "forged outcome": ("'Eforged\\nmessage'", "Eforged\nmessage"),
    "forged words": ("'true'", "true"),
}

#: What the interpreter's own time limit does not stop.
UNSTOPPABLE = {
    "one long built-in": "new Array(2 ** 32 - 1).join('')",
    "loop around a built-in": "const s = 'x'.repeat(3e7); for (;;) s.indexOf('y')",
    "promise that swallows the interruption": "for (;;) new Promise(() => { for (;;); })",
}


@pytest.fixture(scope="module")
def isolation() -> Iterator[Isolation]:
    """One child process for the tests of this module."""
    isolation = Isolation(processes=1, time_limit_s=1.0)
    yield isolation
    isolation.close()


def in_process(script: str) -> Any:
    """Evaluate here, with little time."""
    return evaluate(script, {"a": 1}, time_limit_s=0.1)


@pytest.fixture(autouse=True)
def check_afterwards() -> Iterator[None]:
    """After every attack the next script is evaluated as if nothing had been."""
    yield

    assert evaluate("[$.a, Math.max(1, 2), typeof left]", {"a": 1}) == [1, 2, "undefined"]


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_scripts_end_by_the_limit(name: str) -> None:
    """The time counts for everything that is done with what the script made, too."""
    with pytest.raises(ScriptTimeout):
        in_process(ENDLESS[name])


@pytest.mark.parametrize("name", FAILING)
def test_greedy_and_broken_scripts_fail(name: str) -> None:
    """Memory, stack and results are limited; whatever is thrown becomes a script error with a short text."""
    with pytest.raises(ScriptError) as caught:
        evaluate(FAILING[name], {"a": 1}, time_limit_s=2.0)

    assert len(str(caught.value)) < 2200


@pytest.mark.parametrize("name", GAMES)
def test_prototype_games_change_nothing(name: str) -> None:
    """A script that breaks the built-ins still gets its own value back, and nothing is forged."""
    script, expected = GAMES[name]

    assert expected == in_process(script)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no timer that ends a process")
@pytest.mark.parametrize("name", UNSTOPPABLE)
def test_what_cannot_be_interrupted_is_killed(name: str, isolation: Isolation) -> None:
    """In a child process the time limit holds for every script, and the next one gets a new child."""
    with pytest.raises(ScriptTimeout):
        isolation.evaluate(UNSTOPPABLE[name], {}, time_limit_s=0.1)

    assert isolation.evaluate("$.a", {"a": 1}) == 1


@pytest.mark.parametrize("scripts", [ENDLESS, FAILING], ids=["endless", "failing"])
def test_a_child_survives_what_the_limits_stop(scripts: dict[str, str], isolation: Isolation) -> None:
    """Scripts that end by the interpreter's limits give the same errors from a child."""
    for script in list(scripts.values())[::5]:
        with pytest.raises(ScriptError):
            isolation.evaluate(script, {"a": 1}, time_limit_s=0.2)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("({a: $.a, b: [1.5, null, 'é😀']})", {"a": 1, "b": [1.5, None, "é😀"]}),
        ("NaN == NaN", False),
        ("$.big", 2**60),
        ("$.get('a')", 1),
        ("'x'.repeat(5e6).length", 5_000_000),
    ],
)
def test_a_child_gives_the_same_values(script: str, expected: Any, isolation: Isolation) -> None:
    """Nothing is lost on the way to the child and back."""
    bindings = {"a": 1, "big": 2**60}

    assert expected == isolation.evaluate(script, bindings) == evaluate(script, bindings)


def test_a_child_gives_the_same_errors(isolation: Isolation) -> None:
    """The error's text is that of the script."""
    with pytest.raises(ScriptError, match="`TypeError: Cannot read property 'x' of null` at line 2"):
        isolation.evaluate("\nnull.x", {})


def test_scripts_in_one_child_do_not_see_each_other(isolation: Isolation) -> None:
    """Each call has a fresh interpreter."""
    isolation.evaluate("globalThis.left = 1; Array.prototype.left = 1", {})

    assert isolation.evaluate("typeof left + typeof [].left", {}) == "undefinedundefined"


def test_large_values_travel(isolation: Isolation) -> None:
    """Megabytes pass in both directions."""
    text = "é" * 1_000_000

    assert {"t": text} == isolation.evaluate("({t: $.t})", {"t": text})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no timer that ends a process")
@pytest.mark.parametrize("query", ["[range(1e12)]", "def f: f; f", "last(repeat(1))", '"x" * 2e9 | length'])
def test_queries_without_end_are_killed(query: str, isolation: Isolation) -> None:
    """A query that runs for ever, or takes all memory, ends as an error, and the next one runs."""
    with pytest.raises(JqError):
        isolation.transform(query, {}, time_limit_s=0.1)

    assert isolation.transform(".a", {"a": 2**60}) == (2**60, [2**60])


@pytest.mark.parametrize(
    "query", [".a.b", "{", "$ENV", "env", "error({a: 1})", '"é😀\\u0000"', "empty", ".f, .n", "debug"]
)
def test_queries_in_a_child_give_the_same(query: str, isolation: Isolation) -> None:
    """Values and errors of a query are those of this process."""
    from podium.expressions.jq import transform

    def outcome(run: Any) -> tuple[str, Any]:
        try:
            return "value", run(query, {"a": [], "f": 1.0, "n": 2**60})
        except JqError as exc:
            return "error", str(exc)

    assert outcome(transform) == outcome(isolation.transform)


def test_children_are_shared_between_threads() -> None:
    """More threads than children wait for each other, and each gets its own answer."""
    isolation = Isolation(processes=2)
    answers: dict[int, Any] = {}

    def ask(number: int) -> None:
        answers[number] = [isolation.evaluate("$.n * 2", {"n": number + step}) for step in range(20)]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    isolation.close()

    assert answers == {number: [(number + step) * 2 for step in range(20)] for number in range(6)}


def test_a_closed_isolation_starts_anew() -> None:
    """Closing ends the children; a later call starts one again."""
    isolation = Isolation(processes=1)
    assert isolation.evaluate("1", {}) == 1
    isolation.close()
    isolation.close()

    assert isolation.evaluate("2", {}) == 2
    isolation.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes otherwise")
def test_a_child_that_died_while_idle_is_replaced() -> None:
    """A child may vanish between two calls; the next call does not notice."""
    isolation = Isolation(processes=1)
    assert isolation.evaluate("1", {}) == 1
    child = isolation._children.get()
    assert child is not None
    child._process.kill()
    child._process.wait()
    isolation._children.put(child)

    assert isolation.evaluate("2", {}) == 2
    isolation.close()
