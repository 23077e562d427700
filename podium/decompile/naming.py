"""Names of generated code: readable, usable in Python, and never two things under one."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from podium.decompile.nodes import Variable

#: Words that begin the name of a task and say what it does; the rest says what it gives.
_VERBS = frozenset(
    {
        *(
            "acquire",
            "add",
            "aggregate",
            "analyze",
            "apply",
            "ask",
            "assess",
            "authorize",
            "book",
            "build",
            "calculate",
        ),
        *("call", "capture", "charge", "check", "choose", "classify", "collect", "compute", "confirm", "convert"),
        *("create", "decide", "delete", "detect", "discover", "download", "draft", "encode", "enrich", "estimate"),
        *("eval", "evaluate", "execute", "extract", "fetch", "filter", "find", "generate", "get", "inspect", "list"),
        *("load", "lookup", "make", "map", "measure", "merge", "normalize", "notify", "parse", "pick", "place", "plan"),
        *("prepare", "process", "publish", "query", "quote", "rank", "read", "receive", "refund", "release", "render"),
        *("request", "reserve", "resolve", "retrieve", "review", "route", "run", "save", "score", "search", "select"),
        *("send", "set", "ship", "start", "store", "submit", "summarize", "take", "track", "transform", "update"),
        *("upload", "validate", "verify", "write"),
    }
)
_IRREGULAR = {
    "build": "built",
    "choose": "chosen",
    "find": "found",
    "get": "gotten",
    "make": "made",
    "map": "mapped",
    "pick": "picked",
    "plan": "planned",
    "read": "read_back",
    "run": "finished",
    "send": "sent",
    "set": "set_up",
    "ship": "shipped",
    "submit": "submitted",
    "take": "taken",
    "write": "written",
}
#: What structures are called whose reference name is only what they are.
_STRUCTURES = {"switch": "choice", "decision": "choice", "fork": "branches", "loop": "rounds", "fan_out": "parts"}
#: Endings that reference names often have, and that tell nobody anything.
_ENDINGS = ("_task_reference_name", "_task_reference", "_reference_name", "_task_ref", "_reference", "_ref")
#: Of made names, in characters: a module's is a file's, and file systems take 255 bytes with the ending.
_LENGTH_MAX = 100
#: What the module ``site`` adds to the builtins, which not every Python has.
_OF_SITE = {"copyright", "credits", "exit", "license", "quit"}
_RESERVED = frozenset(
    {*dir(builtins), *_OF_SITE, *keyword.kwlist, *keyword.softkwlist, "podium", "json", "annotations"}
)


def is_identifier(text: str) -> bool:
    """
    Return whether a name of the JSON can stand in Python as it is, and stays what it is there.

    Example:
        >>> is_identifier("order_id"), is_identifier("class"), is_identifier("order-id")
        (True, False, False)
    """
    return (
        text.isidentifier()
        and not keyword.iskeyword(text)
        and unicodedata.normalize("NFKC", text) == text
        and text != "__debug__"
    )


def snake(text: str) -> str:
    """
    Return an identifier made of the words of a name, in lower case; empty if it has none.

    Example:
        >>> snake("getUserByID"), snake("2nd try!"), snake("PopulationMinMax")
        ('get_user_by_id', 'n_2nd_try', 'population_min_max')
    """
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3_\2\4", text)
    name = "_".join(re.findall(r"[A-Za-z0-9]+", spaced)).lower()
    name = f"n_{name}" if name[:1].isdigit() else name
    return name[:_LENGTH_MAX].rstrip("_")


def without_ending(name: str) -> str:
    """
    Return a reference name without the words that only say that it is one.

    Example:
        >>> without_ending("get_user_task_ref")
        'get_user'
    """
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def wishes_for_step(reference_name: str) -> tuple[str, ...]:
    """
    Return what the variable of a step would like to be called: what the step gives, else what was done, else its name.

    Example:
        >>> wishes_for_step("get_user_ref")
        ('user', 'get_user', 'get_user_step')
        >>> wishes_for_step("charge"), wishes_for_step("t1")
        (('charged', 'charge_step'), ('t1', 't1_step'))
    """
    name = without_ending(snake(reference_name)) or "step"
    verb, _, rest = name.partition("_")
    if verb in _VERBS and not rest:
        return (_participle(verb), f"{name}_step")
    given = (rest,) if verb in _VERBS and not rest[0].isdigit() else ()
    return (*given, name, f"{name}_step")


def wishes_for_structure(reference_name: str, kind: str) -> tuple[str, ...]:
    """
    Return what the variable of a switch, a fork or a loop would like to be called.

    Example:
        >>> wishes_for_structure("shipping_ref", "switch"), wishes_for_structure("fork", "fork")
        (('shipping', 'shipping_switch'), ('branches', 'fork_branches'))
    """
    name = without_ending(snake(reference_name)) or kind
    other = _STRUCTURES[kind]
    return (other, f"{name}_{other}") if name == kind else (name, f"{name}_{kind}")


def _participle(verb: str) -> str:
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("y"):
        return f"{verb[:-1]}ied"
    return f"{verb}d" if verb.endswith("e") else f"{verb}ed"


class Names:
    """
    The names of one scope.

    Args:
        taken: Names that nobody may have here.
        outer: The scope around it, whose names nobody may have either.
    """

    def __init__(self, taken: Iterable[str] = (), outer: Names | None = None) -> None:
        self._taken = set(taken)
        self._outer = outer

    def __contains__(self, name: str) -> bool:
        return name in self._taken or name in _RESERVED or (self._outer is not None and name in self._outer)

    def take(self, name: str) -> None:
        """Note that a name is in use."""
        self._taken.add(name)

    def give(self, variable: Variable, avoid: Collection[str] = ()) -> None:
        """Choose the name of a variable: the first wish that is free, or the last one with a number."""
        for wish in _tries(variable.wishes):
            if wish and wish not in self and wish not in avoid:
                variable.text = wish
                self.take(wish)
                return


def _tries(wishes: tuple[str, ...]) -> Iterator[str]:
    yield from wishes
    last = wishes[-1].rstrip("_") or "value"
    number = 2
    while True:
        yield f"{last}_{number}"
        number += 1


def import_order(name: str) -> tuple[int, list[str | int]]:
    """
    Return the key by which formatters sort the names of an import: constants, classes, others; numbers by their value.

    Example:
        >>> sorted(["task_10", "task_2", "Any", "LIMIT"], key=import_order)
        ['LIMIT', 'Any', 'task_2', 'task_10']
    """
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", name)]
