"""The codes of all rules, each with what it says in a few words; ``docs/checks.md`` has an example of each."""

from __future__ import annotations

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "P1": "Python needs a value that exists only later; or an argument makes no sense",
    "R1": "a reference, or an input that a condition reads, does not exist",
    "R2": "a record, or the output of a task, has no such field",
    "R3": "the inputs or types do not fit",
    "D1": "a value that exists only in one case of a switch",
    "D2": "a value of a parallel branch that may still be running",
    "D3": "a value of a loop's body, read behind the loop",
    "D4": "a value of a step that runs later",
    "N1": "a reference name, or the name of a task or a workflow, is used twice",
    "N2": "a reference name that cannot be used",
    "N3": "two names that differ only by case",
    "S1": "a join or merge that may wait for ever",
    "S2": "a case is given twice",
    "S3": "a case that cannot be",
    "S4": "a step that nothing reaches",
    "L1": "a loop without a limit",
    "L2": "a condition that does not run the same everywhere",
    "L3": "a loop inside a loop",
    "L4": "a loop that never changes what its condition reads",
    "L5": "a recursion without a way out",
    "C1": "what a called workflow has done is not undone",
    "I1": "an input that is declared and never used",
    "T1": "a worker task that has no task definition",
    "V1": "Conductor refuses it",
    "V2": "it is larger than Conductor allows",
    "V3": "Conductor counts it in whole seconds",
    "U1": "an ignore comment that ignores nothing",
    "JSON": "it cannot be read as a definition",
}
