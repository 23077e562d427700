"""
Conditions and scripts that do not run the same everywhere: L2.

The portable subset is JavaScript over ``$`` that needs neither Java nor a browser nor a place on earth: it gives the
same value on Conductor's GraalJS, on Podium's QuickJS and in the formulas that Podium evaluates itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from podium.checks.host_objects import host_object_faults
from podium.checks.layout import TaskPosition
from podium.checks.reads import ScriptReads, reads_of
from podium.checks.report import ProblemCollector, Severity
from podium.checks.results import gives_text
from podium.checks.scripts import script_of
from podium.checks.syntax import has_bare_return
from podium.model.statuses import TaskType
from podium.model.task_types import task_kind

_ABSENT = re.compile(
    r"(?<![\w$.])(console|print|require|fetch|setTimeout|setInterval|XMLHttpRequest|load|Java|Packages|importPackage"
    r"|java|process|window)\s*[.(]"
)
_JAVA = re.compile(r"(?<!\w)\$[^\s;,{}&|]*\.\s*(equals|equalsIgnoreCase|compareTo|hashCode|getClass)\s*\(")
_LOCAL = re.compile(
    r"\.\s*([gs]et(?:Hours|Minutes|Date|Month|FullYear)|getDay|getTimezoneOffset|to(?:Date|Time)String)\s*\("
    r"|\bnew\s+(Date)\s*\([^(),]+,"
)
_DATE_TEXT = re.compile(r"\b(?:new\s+Date|Date\s*\.\s*parse)\s*\(\s*'(\d+)'\s*\)")
#: A date with a time and without a zone; a date alone is in UTC.
_NO_ZONE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?")
#: What goes by a language: QuickJS knows none, GraalJS many.
_LANGUAGE = re.compile(r"\.\s*(localeCompare|toLocale\w*)\s*\(|(?<![\w$.])(Intl)\s*\.")
#: What QuickJS has and GraalJS has not, and the reverse.
_ONLY_HERE = re.compile(
    r"(?<![\w$.])(atob|btoa|performance|queueMicrotask|DOMException|InternalError|(?:Async)?DisposableStack"
    r"|JSON\s*\.\s*(?:isRawJSON|rawJSON)|Math\s*\.\s*sumPrecise|Error\s*\.\s*(?:isError|captureStackTrace)"
    r"|Iterator\s*\.\s*(?:concat|zip|zipKeyed)|Array\s*\.\s*fromAsync|Uint8Array\s*\.\s*from(?:Base64|Hex))(?!\w)"
)
_ONLY_THERE = re.compile(r"(?<![\w$.])(Graal(?=\s*\.)|RegExp\s*\.\s*(?:\$[1-9&]|lastMatch|lastParen|input))(?!\w)")
#: A whole number that may be beyond those that JavaScript holds exactly.
_LONG_NUMBER = re.compile(r"(?<![\w.$])\d{16,300}(?![\w.])")
_CHANCE = re.compile(r"\bMath\s*\.\s*random\s*\(")
#: Languages of a SWITCH that Conductor knows.
_EVALUATORS = frozenset({"value-param", "javascript", "graaljs", "python"})


def check_portable(report: ProblemCollector) -> None:
    """Look at the scripts of conditions and of INLINE."""
    for spot in report.layout.spots:
        found = script_of(spot.task)
        if found is not None:
            at, script = found
            reads = reads_of(script)
            faults = chain(
                _faults(script, reads, spot.task.type), host_object_faults(reads, spot.task.input_parameters)
            )
            for message, severity, hint in faults:
                report.add(spot, "L2", f"the script of {spot.name!r} {message}", at=at, severity=severity, hint=hint)
        _check_language(report, spot)
        if spot.task.type == TaskType.DO_WHILE and spot.task.loop_condition:
            _check_truth(report, spot, spot.task.loop_condition)


def _faults(script: str, reads: ScriptReads, kind: str) -> Iterator[tuple[str, Severity, str]]:
    bare = reads.bare
    absent = _ABSENT.search(bare)
    if absent is not None and f"function {absent[1]}" not in bare:
        yield f"uses {absent[1]}, which no server has", "error", "compute with what is given as $.name"
    java = _JAVA.search(bare)
    if java is not None:
        hint = "compare with === instead"
        yield f"calls {java[1]}(), which texts and numbers have in Java but not in JavaScript", "warning", hint
    local = _LOCAL.search(bare)
    if local is not None:
        hint = "use the UTC form, such as getUTCHours() or Date.UTC()"
        yield f"calls {local[1] or 'new Date'}(), which depends on the time zone of the server", "warning", hint
    moment = next((each for each in map(reads.texts.__getitem__, _dates(reads)) if _NO_ZONE.fullmatch(each)), None)
    if moment is not None:
        hint = f"name the zone, such as '{moment.replace(' ', 'T')}Z'"
        yield f"reads the time '{moment}', which depends on the time zone of the server", "warning", hint
    language = _LANGUAGE.search(bare)
    if language is not None:
        hint = "compare with < and >, put numbers and dates together by hand, or use a worker"
        what = f"calls {language[1]}()" if language[1] else "uses Intl"
        yield f"{what}, which goes by locale on a Conductor server, and cannot do so in Podium", "warning", hint
    yield from _strangers(bare)
    rounded = next((each[0] for each in _LONG_NUMBER.finditer(bare) if int(float(each[0])) != int(each[0])), None)
    if rounded is not None:
        hint = f"compare with == {rounded}n, or compare texts: String($.id) === '{rounded}'"
        yield f"writes {rounded}, which JavaScript rounds to {int(float(rounded))}", "warning", hint
    if not task_kind(kind).script and _CHANCE.search(bare):
        hint = "draw the number in an INLINE before, whose output is kept"
        yield "uses Math.random(), so that nobody can see later why it decided so", "warning", hint
    # A LAMBDA's script is a function's body, as Conductor wraps it.
    if kind != TaskType.LAMBDA and has_bare_return(script):
        hint = "end with the value itself; only LAMBDA takes a return"
        yield "has a return outside of every function, which is a syntax error", "error", hint


def _dates(reads: ScriptReads) -> Iterator[int]:
    """Number the texts that a script reads as dates."""
    return (int(match[1]) for match in _DATE_TEXT.finditer(reads.numbered))


def _strangers(bare: str) -> Iterator[tuple[str, Severity, str]]:
    """Find what only one of the two engines has."""
    here, there = _ONLY_HERE.search(bare), _ONLY_THERE.search(bare)
    if here is not None:
        yield f"uses {here[1]}, which a Conductor server has not", "warning", "do without it, or use a worker"
    if there is not None:
        yield f"uses {there[1]}, which Podium has not", "warning", "use match() or exec() on the text itself"


def _check_language(report: ProblemCollector, spot: TaskPosition) -> None:
    task = spot.task
    language = task.evaluator_type
    if task.type == TaskType.DO_WHILE and language not in {None, "", "javascript", "graaljs"}:
        message = f"the condition of {spot.name!r} is always taken for JavaScript, whatever evaluatorType says"
        report.add(spot, "L2", message, at="evaluatorType", severity="warning")
    elif task.type == TaskType.SWITCH and language is not None and language not in _EVALUATORS:
        message = f"{spot.name!r} fails: no server knows the evaluator {language!r}"
        report.add(spot, "L2", message, at="evaluatorType", hint=f"it is one of {', '.join(sorted(_EVALUATORS))}")


def _check_truth(report: ProblemCollector, spot: TaskPosition, condition: str) -> None:
    if gives_text(condition):
        message = f"the condition of {spot.name!r} gives a text, which Conductor takes for false: it runs once"
        hint = "give true or false themselves, without quotes"
        report.add(spot, "L2", message, at="loopCondition", severity="warning", hint=hint)
