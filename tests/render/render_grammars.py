"""
Small grammars of our own for what we write: DOT and Mermaid.

They are stricter than the real ones: only what we mean to write is accepted, so a text that breaks out of its quotes
is noticed even if the result would still be a graph.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple


class Parsed(NamedTuple):
    """What a text says: its nodes, its lines and its boxes."""

    nodes: list[str]
    edges: list[tuple[str, str]]
    boxes: list[str]


_STRING = r'"(?:[^"\\\n]|\\.)*"'
_DOT_TOKEN = re.compile(rf"{_STRING}|->|[\[\]{{}}=:]|[A-Za-z0-9_.]+|\s+")


def _dot_tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == "<":  # an HTML-like text ends where its brackets are balanced
            depth, end = 0, position
            while True:
                depth += {"<": 1, ">": -1}.get(text[end], 0)
                end += 1
                if depth == 0:
                    break
            tokens.append(text[position:end])
        else:
            match = _DOT_TOKEN.match(text, position)
            assert match, f"not DOT at {position}: {text[position : position + 40]!r}"
            end = match.end()
            if match.group().strip():
                tokens.append(match.group())
        position = end
    return tokens


def parse_dot(text: str) -> Parsed:
    """Read DOT as we write it; every statement is known."""
    tokens = _dot_tokens(text)
    assert tokens[:3] == ["digraph", "workflow", "{"]
    parsed, i, depth = Parsed([], [], []), 3, 1
    while depth:
        token = tokens[i]
        if token == "}":
            depth, i = depth - 1, i + 1
        elif token == "subgraph":
            parsed.boxes.append(tokens[i + 1].strip('"').removeprefix("cluster_"))
            assert tokens[i + 2] == "{"
            depth, i = depth + 1, i + 3
        elif token == "{":  # a row of nodes, which is no box
            depth, i = depth + 1, i + 1
        else:
            i = _statement(tokens, i, parsed)
    assert i == len(tokens)
    return parsed


def _statement(tokens: list[str], i: int, parsed: Parsed) -> int:
    name = tokens[i].strip('"')
    i = _skip_port(tokens, i + 1)
    target = None
    if tokens[i] == "->":
        target = tokens[i + 1].strip('"')
        i = _skip_port(tokens, i + 2)
    assert tokens[i] == "[", tokens[i - 2 : i + 2]
    attributes: dict[str, str] = {}
    i += 1
    while tokens[i] != "]":
        assert tokens[i + 1] == "="
        assert re.fullmatch(r"[a-z]+", tokens[i])
        attributes[tokens[i]] = tokens[i + 2]
        i += 3
    if target is not None and attributes.get("style") != "invis":
        parsed.edges.append((name, target))
    elif target is None and name not in {"graph", "node", "edge", "legend"}:
        parsed.nodes.append(name)
    return i + 1


def _skip_port(tokens: list[str], i: int) -> int:
    while tokens[i] == ":":
        i += 2
    return i


_ID = r"[a-z]+_\w+|n_"
_LABEL = r'"(?:[^"<>&`\\]|<br/>)+"'
_SHAPES = [
    (r"\(\(\(", r"\)\)\)"), (r"\(\(", r"\)\)"), (r"\(\[", r"\]\)"), (r"\(", r"\)"), (r"\[\[", r"\]\]"),
    (r"\[/", r"\\\]"), (r"\[\\", r"/\]"), (r"\[", r"\]"), (r"\{\{", r"\}\}"), (r"\{", r"\}"), (">", r"\]"),
]  # fmt: skip
_NODE = re.compile(rf"({_ID})(?:" + "|".join(f"{before}{_LABEL}{after}" for before, after in _SHAPES) + ")", re.ASCII)
_EDGE = re.compile(rf"({_ID}) (?:-->|-\.->|==>)(?:\|{_LABEL}\|)? ({_ID})", re.ASCII)
_BOX = re.compile(rf"subgraph ({_ID})\[{_LABEL}\]", re.ASCII)
_STYLE = re.compile(
    rf"classDef \w+ [\w:#,.\- ]+|class (?:{_ID})(?:,(?:{_ID}))* \w+|linkStyle \d+(?:,\d+)* [\w:#,\-]+", re.ASCII
)
_PLAIN = re.compile(r"acc(?:Title|Descr): (?:[^\"#<>&`\\;{}%\n]|#\w+;)+")


def parse_mermaid(text: str) -> Parsed:
    """Read a Mermaid flowchart as we write it; every line is known."""
    lines = text.splitlines()
    assert lines[0] == '%%{init: {"flowchart": {"htmlLabels": false}}}%%'
    assert lines[1] in {"flowchart TD", "flowchart LR"}
    parsed, depth = Parsed([], [], []), 0
    for line in (line.strip() for line in lines[2:]):
        if box := _BOX.fullmatch(line):
            parsed.boxes.append(box.group(1))
            depth += 1
        elif line == "end":
            depth -= 1
        elif edge := _EDGE.fullmatch(line):
            parsed.edges.append((edge.group(1), edge.group(2)))
        elif node := _NODE.fullmatch(line):
            parsed.nodes.append(node.group(1))
        else:
            assert _STYLE.fullmatch(line) or _PLAIN.fullmatch(line), f"not Mermaid: {line!r}"
        assert depth >= 0
    assert depth == 0
    assert max(Counter(parsed.nodes).values()) == 1
    # An edge to a box is unreliable, and one to an unknown id makes a node of it.
    assert {end for edge in parsed.edges for end in edge} <= set(parsed.nodes)
    assert not set(parsed.boxes) & set(parsed.nodes)
    return parsed
