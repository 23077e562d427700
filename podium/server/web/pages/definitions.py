"""Workflow definitions: the list, and one with its graph, JSON, Python, check report, versions and uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import frozen

from podium.checks import CheckReport, check
from podium.diff import DefinitionDiff, diff_definitions
from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionNotFound, InvalidRequest, RenderError, WorkflowNotFound
from podium.model.positions import Positions
from podium.model.run_facts import RunSummary
from podium.model.walk import walk, without_blocks
from podium.render import diff_picture, svg
from podium.server.roles import Role
from podium.server.web.answers import Answer, Download, Redirect, View
from podium.server.web.folding import FoldedValue, folded
from podium.server.web.pictures import PagePicture, definition_picture, in_page
from podium.server.web.sources import PlacedProblem, SourceText, found_in, json_of, source_of
from podium.server.web.table import act, part, show
from podium.server.web.visits import Visit
from podium.server.web.writing import address, segment

#: Most workflows on a page of the list, runs shown of each, and runs shown of one.
_ROWS, _LAST, _RUNS = 50, 5, 10
#: The tabs of a definition, with what they are called.
_TABS = {"graph": "Graph", "json": "JSON", "python": "Python", "check": "Check", "versions": "Versions", "uses": "Uses"}


@frozen(kw_only=True)
class WorkflowListRow:
    """One workflow of the list."""

    newest: WorkflowDef
    versions: tuple[int, ...]
    tasks: int
    runs: Sequence[RunSummary]


@frozen(kw_only=True)
class DefinitionList:
    """What the list shows."""

    rows: tuple[WorkflowListRow, ...]
    asked: str
    total: int
    known: int
    before: str
    after: str
    first: int

    @property
    def last(self) -> int:
        """The number of the last row that is shown."""
        return self.first + len(self.rows) - 1


def listed(visit: Visit) -> Answer:
    """Show the workflows, by name."""
    known = by_name(visit.client.workflows())
    asked = visit.query.text("q")
    found = [name for name, versions in known.items() if _is_meant(versions[max(versions)], asked.lower())]
    start = visit.query.number("start", 0)
    rows = tuple(_row(visit, known[name]) for name in found[start : start + _ROWS])
    here = "/definitions"
    before = address(here, q=asked, start=max(start - _ROWS, 0)) if start else ""
    after = address(here, q=asked, start=start + _ROWS) if start + _ROWS < len(found) else ""
    listing = DefinitionList(
        rows=rows, asked=asked, total=len(found), known=len(known), before=before, after=after, first=start + 1
    )
    return View("definitions/list.html", listing)


def by_name(definitions: Iterable[WorkflowDef]) -> dict[str, dict[int, WorkflowDef]]:
    """Return definitions by name and version."""
    found: dict[str, dict[int, WorkflowDef]] = {}
    for each in definitions:
        found.setdefault(each.name, {})[each.version] = each
    return dict(sorted(found.items(), key=lambda item: (item[0].lower(), item[0])))


def _is_meant(definition: WorkflowDef, asked: str) -> bool:
    """Return whether a search finds a definition: by its name, words, owner, or its tasks' names."""
    if not asked:
        return True
    words = (definition.name, definition.description or "", definition.owner_email or "")
    return any(asked in word.lower() for word in words) or any(
        asked in visit.task.name.lower() or asked in visit.task.task_reference_name.lower()
        for visit in walk(definition.tasks)
    )


def _row(visit: Visit, versions: Mapping[int, WorkflowDef]) -> WorkflowListRow:
    newest = versions[max(versions)]
    return WorkflowListRow(
        newest=newest,
        versions=tuple(sorted(versions)),
        tasks=sum(1 for _ in walk(newest.tasks)),
        runs=visit.client.search(name=newest.name, limit=_LAST),
    )


# -- one ---------------------------------------------------------------------------------------------------------------


@frozen(kw_only=True)
class VersionDiff:
    """Two versions held against each other."""

    old: int
    new: int
    picture: PagePicture | None
    diff: DefinitionDiff


@frozen(kw_only=True)
class Uses:
    """Which workflows a workflow runs, and which run it."""

    picture: PagePicture | None
    #: Names, with how they are run.
    runs: tuple[tuple[str, str, bool], ...]
    run_by: tuple[tuple[str, str, bool], ...]
    schedules: tuple[str, ...]


@frozen(kw_only=True)
class DefinitionPage:
    """What the page of a definition shows; what its tab does not need is None."""

    definition: WorkflowDef
    versions: tuple[int, ...]
    tab: str
    tasks: int
    report: CheckReport
    problems: tuple[PlacedProblem, ...]
    runs: Sequence[RunSummary] = ()
    picture: PagePicture | None = None
    trouble: str = ""
    source: SourceText | None = None
    difference: VersionDiff | None = None
    uses: Uses | None = None

    @property
    def tabs(self) -> Iterator[tuple[str, str, str]]:
        """The tabs: key, title, address."""
        for key, title in _TABS.items():
            yield key, title, self.href(key)

    def href(self, tab: str = "") -> str:
        """Return the address of a tab."""
        return definition_href(self.definition.name, self.definition.version, tab if tab != "graph" else "")


def definition_href(name: str, version: int | None = None, tab: str = "") -> str:
    """Return the address of a definition's page."""
    return address(f"/definitions/{segment(name)}", version=version, tab=tab)


def python_of(definition: WorkflowDef) -> str:
    """Return a definition as Python."""
    from podium.decompile import to_python  # slow to import, and few pages need it

    return to_python(definition)


def meant(visit: Visit) -> tuple[WorkflowDef, dict[int, WorkflowDef]]:
    """
    Return the definition that an address names, and all versions of it.

    Raises:
        WorkflowNotFound: There is none.
    """
    name = visit.path["workflow"]
    versions = {each.version: each for each in visit.client.workflows() if each.name == name}
    chosen = visit.path.get("version")
    version = visit.query.number("version", max(versions, default=0)) if chosen is None else int(chosen)
    if version not in versions:
        told = f", version {version}" if versions else ""
        raise WorkflowNotFound(f"No workflow is called {name!r:.200}{told}.")
    return versions[version], versions


def one(visit: Visit) -> Answer:
    """Show a definition."""
    definition, versions = meant(visit)
    tab = visit.query.text("tab", "graph")
    if tab not in _TABS:
        raise InvalidRequest(f"a definition has no page {tab!r:.50}, but {', '.join(_TABS)}")
    everything = visit.client.workflows()
    report = check(definition, tasks=visit.client.task_defs(), others=everything, notes=True)
    text = json_of(definition)
    found = found_in(report, definition, text)
    shown: dict[str, object] = {}
    if tab == "graph":
        shown = _graph(definition)
        shown["runs"] = visit.client.search(name=definition.name, limit=_RUNS)
    elif tab == "json":
        shown["source"] = source_of(text, found)
    elif tab == "python":
        shown["source"] = source_of(python_of(definition), ())
    elif tab == "versions":
        shown["difference"] = _difference(visit, versions)
    elif tab == "uses":
        shown["uses"] = _uses(visit, definition, everything)
    facts = {"tasks": sum(1 for _ in walk(definition.tasks)), "versions": tuple(sorted(versions))}
    page = DefinitionPage(definition=definition, tab=tab, report=report, problems=found, **facts, **shown)  # type: ignore[arg-type]  # as the tab needs
    return View("definitions/one.html", page)


def _graph(definition: WorkflowDef) -> dict[str, object]:
    try:
        return {"picture": definition_picture(definition)}
    except RenderError as error:
        return {"trouble": str(error)}


def _difference(visit: Visit, versions: Mapping[int, WorkflowDef]) -> VersionDiff | None:
    numbers = sorted(versions)
    if len(numbers) < 2:
        return None
    new = visit.query.number("new", visit.query.number("version", numbers[-1]))
    earlier = [each for each in numbers if each < new] or numbers[:1]
    old = visit.query.number("old", earlier[-1])
    if old not in versions or new not in versions:
        raise WorkflowNotFound(f"there is no version {old if old not in versions else new}")
    try:
        picture = in_page(diff_picture(versions[old], versions[new]).svg())
    except RenderError:
        picture = None
    return VersionDiff(old=old, new=new, picture=picture, diff=diff_definitions(versions[old], versions[new]))


def _uses(visit: Visit, definition: WorkflowDef, everything: Iterable[WorkflowDef]) -> Uses:
    import networkx as nx  # slow to import, as the next, and few pages need them

    from podium.render.estate import estate

    graph = estate(everything)
    name = definition.name

    def told(edges: Iterable[tuple[str, str]], end: int) -> tuple[tuple[str, str, bool], ...]:
        return tuple(
            (edge[end], ", ".join(graph.edges[edge]["kinds"]), graph.nodes[edge[end]]["kind"] == "workflow")
            for edge in edges
        )

    near = {name, *nx.descendants(graph, name), *nx.ancestors(graph, name)} if name in graph else {name}
    try:
        picture = in_page(svg(graph.subgraph(near), focus=name, hops=2)) if len(near) > 1 else None
    except RenderError:
        picture = None
    schedules = tuple(info.name for info in visit.client.schedules.list(workflow=name))
    return Uses(
        picture=picture,
        runs=told(graph.out_edges(name), 1),
        run_by=told(graph.in_edges(name), 0),
        schedules=schedules,
    )


@frozen(kw_only=True)
class ChosenTask:
    """What stands beside the graph of the task that was chosen."""

    task: WorkflowTask
    json: FoldedValue
    line_href: str


def step(visit: Visit) -> Answer:
    """Show a task of a definition beside its graph."""
    definition, ref = meant(visit)[0], visit.path["ref"]
    found = next((each for each in walk(definition.tasks) if each.task.task_reference_name == ref), None)
    if found is None:
        raise DefinitionNotFound(f"{definition.name} has no task {ref!r:.200}; it may be one of a workflow within")
    place = Positions(json_of(definition)).find(found.path)
    href = definition_href(definition.name, definition.version, "json")
    told = folded(to_dict(without_blocks(found.task)), "The task as JSON")
    return View(
        "definitions/step.html", ChosenTask(task=found.task, json=told, line_href=f"{href}#L{place[0] if place else 1}")
    )


def download(visit: Visit) -> Answer:
    """Return a definition as a file: JSON, or Python."""
    definition, _ = meant(visit)
    stem = f"{definition.name}.{definition.version}"
    if visit.query.text("as") == "python":
        return Download(python_of(definition).encode("utf-8", "replace"), f"{stem}.py", "text/x-python; charset=utf-8")
    return Download(json_of(definition).encode("utf-8", "replace"), f"{stem}.json")


def remove(visit: Visit) -> Answer:
    """Take a version out of the registry."""
    name, version = visit.path["workflow"], visit.form.number("version", 0)
    visit.client.unregister_workflow(name, version)
    visit.tell("delete", "workflow", name)
    left = [each for each in visit.client.workflows() if each.name == name]
    to = definition_href(name) if left else "/definitions"
    return Redirect(to, f"Version {version} of {name} is no longer registered. Its runs keep it and go on.")


PAGES = (
    show("/definitions", listed, nav="Definitions"),
    part("/definitions/{workflow:path}/download", download),
    part("/definitions/{workflow:path}/versions/{version:int}/tasks/{ref:path}/panel", step),
    act("/definitions/{workflow:path}/remove", remove, least=Role.EDITOR),
    show("/definitions/{workflow:path}", one),
)
