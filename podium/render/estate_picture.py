"""The picture of an estate: a box for each workflow, a line for each workflow that runs another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from podium.model.errors import RenderError
from podium.render.names import nearest
from podium.render.naming import escape_id, shorten
from podium.render.options import Options
from podium.render.picture import Edge, LabelLine, LineRole, Node, NodeKind, Picture
from podium.render.steps import Branch, NestedTask

if TYPE_CHECKING:
    import networkx as nx

#: Most nodes that are drawn; beyond, nobody could read it.
NODES_MAX: Final = 1_000

_KINDS: Final = {"workflow": NodeKind.SUB_WORKFLOW, "missing": NodeKind.GAP, "unknown": NodeKind.WAIT}
_TYPES: Final = {"workflow": "WORKFLOW", "missing": "MISSING", "unknown": "DECIDED BY THE RUN"}
#: How a definition writes each kind of call.
_WRITTEN: Final = {
    "sub-workflow": "SUB_WORKFLOW",
    "fan-out": "FORK_JOIN_DYNAMIC",
    "start-workflow": "START_WORKFLOW",
    "failure-workflow": "failureWorkflow",
}
_WORDS: Final = {"fan-out": "for each", "start-workflow": "starts", "failure-workflow": "on failure"}


@frozen(kw_only=True)
class EstatePicture(Picture):
    """A picture without start and end."""

    @property
    def summary(self) -> str:
        """One sentence for those who cannot see the picture."""
        return f"{self.title}: {len(self.edges)} lines show which runs which."


def draw_estate(whole: nx.DiGraph[str], options: Options | None = None) -> EstatePicture:
    """
    Make the picture of what `podium.render.estate.estate` gave, or of a part of it.

    Args:
        whole: The graph.
        options: ``focus`` and ``hops``, or ``between``, choose a part; the others do not change what is drawn.

    Raises:
        RenderError: A name is unknown, or there are more workflows than anybody could read; draw a part then.
    """
    graph, asked = _chosen(whole, options or Options())
    if len(graph) > NODES_MAX:
        raise RenderError(
            f"{len(graph):,} workflows are too many for a picture (at most {NODES_MAX:,}); draw a part with "
            'focus="name", or graph.subgraph(networkx.descendants(graph, name) | {name})'
        )
    # A sub-graph of networkx has its nodes in the order of a set, which is another one in each process.
    names = sorted(graph)
    nodes = tuple(_node(name, graph.nodes[name]) for name in names)
    edges = tuple(_edge(name, other, graph.edges[name, other]) for name in names for other in sorted(graph[name]))
    nothing = Node(id="nothing", key="nothing", kind=NodeKind.NOTE, lines=(LabelLine(LineRole.NAME, "no workflows"),))
    return EstatePicture(
        title=_title(graph),
        subtitle=(f"left out: {len(whole) - len(graph):,} more",) if asked and len(graph) < len(whole) else (),
        focus=frozenset(map(_id, asked)),
        nodes=nodes or (nothing,),
        edges=edges,
        steps=tuple(_step(key, graph) for key in names if graph.nodes[key]["kind"] == "workflow"),
    )


def _chosen(whole: nx.DiGraph[str], options: Options) -> tuple[nx.DiGraph[str], tuple[str, ...]]:
    """Return the part of an estate that the options ask for, and the workflows that they name."""
    import networkx as nx

    asked = options.between or ((options.focus,) if options.focus is not None else ())
    for name in asked:
        if name not in whole:
            raise RenderError(f"there is no workflow {name!r} in this estate{nearest(name, whole)}")
    if options.focus is not None:
        either_way = whole.to_undirected(as_view=True)
        return whole.subgraph(nx.single_source_shortest_path_length(either_way, options.focus, options.hops)), asked
    if options.between is not None:
        first, last = options.between
        found = (nx.descendants(whole, first) | {first}) & (nx.ancestors(whole, last) | {last})
        if not found:
            raise RenderError(f"{first!r} does not run {last!r}, nor do those that it runs")
        return whole.subgraph(found), asked
    return whole, asked


def _title(graph: nx.DiGraph[str]) -> str:
    kinds = [data["kind"] for _, data in graph.nodes(data=True)]
    count = kinds.count("workflow")
    parts = [f"{count:,} workflow{'s' * (count != 1)}"]
    parts += [f"{n:,} missing" for n in (kinds.count("missing"),) if n]
    parts += [f"{n:,} decided by the run" for n in (kinds.count("unknown"),) if n]
    return ", ".join(parts)


def _id(key: str) -> str:
    return f"w_{escape_id(key)}"


def _node(key: str, data: dict[str, Any]) -> Node:
    kind = data["kind"]
    detail = _detail(data)
    lines = [LabelLine(LineRole.NAME, shorten(data["label"], 40) or "(no name)")]
    if kind != "workflow":
        lines.insert(0, LabelLine(LineRole.TYPE, _TYPES[kind]))
    if detail:
        lines.append(LabelLine(LineRole.DETAIL, detail))
    owner = [f"owner: {data['owner']}"] if data["owner"] else []
    return Node(
        id=_id(key),
        key=key,
        kind=_KINDS[kind],
        reference=key,
        task_name=data["label"],
        task_type=_TYPES[kind],
        lines=tuple(lines),
        detail=detail,
        tooltip=tuple(
            shorten(text, 300) for text in (f"{data['label']}: {_TYPES[kind].lower()}", detail, *owner) if text
        ),
    )


def _detail(data: dict[str, Any]) -> str:
    if data["kind"] != "workflow":
        return ""
    versions = ", ".join(str(version) for version in data["versions"])
    tasks = data["tasks"]
    return shorten(f"version{'s' * (len(data['versions']) > 1)} {versions}; {tasks} task{'s' * (tasks != 1)}", 40)


def _edge(source: str, target: str, data: dict[str, Any]) -> Edge:
    return Edge(source=_id(source), target=_id(target), cases=_labels(data), otherwise=False)


def _labels(data: dict[str, Any]) -> tuple[str, ...]:
    """Return what is written at a line: nothing for a plain sub-workflow of the newest version."""
    words = [_WORDS[kind] for kind in data["kinds"] if kind in _WORDS]
    versions = sorted({call.version for call in data["calls"] if call.version})
    words += [f"version {', '.join(str(version) for version in versions)}"] if versions else []
    absent = sorted({call.version for call in data["calls"] if call.missing and call.version})
    words += [f"missing version {', '.join(str(version) for version in absent)}"] if absent else []
    return tuple(words)


def _step(key: str, graph: nx.DiGraph[str]) -> NestedTask:
    """Return a workflow with those that it runs below it, by where and how it runs them."""
    branches: list[Branch] = []
    for target in sorted(graph[key]):
        places: dict[tuple[str, int | None], dict[str, None]] = {}
        for call in graph.edges[key, target]["calls"]:
            places.setdefault((_WRITTEN[call.kind], call.version), {})[call.reference] = None
        words = [
            f"{kind} {', '.join(where)}".strip() + (f" (version {version})" if version else "")
            for (kind, version), where in places.items()
        ]
        branches.append(Branch(kind="calls", label="; ".join(words), steps=(NestedTask(node=_id(target)),)))
    return NestedTask(node=_id(key), branches=tuple(branches))
