"""
What the package is made of: ``python scripts/house.py [--check] [PACKAGE]``.

Prints its rooms with their lines, the circles of files, the longest functions and modules, how many names of classes
are used twice, and the public names.
Imports inside functions, those for type checkers, and texts such as ``"module:name"`` count like all others.
``--check`` prints what is wrong, and fails if anything is.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import networkx as nx
from attrs import frozen

#: The greatest part of all lines that one room may hold.
SHARE_MAX = 0.20
#: Lines of a function that still fit on a screen, and of a module that fits one sitting.
FUNCTION_MAX, MODULE_MAX = 50, 550
#: What a program writes, and nobody reads: `podium.backends.sql.generate`.
_WRITTEN = "podium.backends.sql.sqlite_statements"
#: Who imports upwards on purpose: the package itself gives the names of every room.
_FRONT = frozenset({"__init__", "__main__", "_verbs"})

#: Class names that two rooms use all the same, and why.
_TWICE: Mapping[str, str] = {
    "Assignment": "podium.people.Assignment is what authors write; the other one is what workers get",
    "Clock": "podium.testing.Clock is the engine's port, with what tests do to it",
    "Node": "a place of a plan, and a place of its picture",
    "Reply": "podium.ai.Reply is what authors write; the other one is the engine's",
}


@frozen
class House:
    """
    A package as it is written.

    Attributes:
        name: The package.
        files: Module name to its syntax tree.
        lines: Module name to its number of lines.
        imports: An edge for each module that another one imports.
    """

    name: str
    files: Mapping[str, ast.Module]
    lines: Mapping[str, int]
    imports: nx.DiGraph[str]

    def room(self, module: str) -> str:
        """Return the room of a module: the first part of its name below the package."""
        return module.removeprefix(f"{self.name}.").partition(".")[0] if module != self.name else "__init__"

    @property
    def rooms(self) -> Counter[str]:
        """Lines by room."""
        found: Counter[str] = Counter()
        for module, lines in self.lines.items():
            found[self.room(module)] += lines
        return found

    @property
    def circles(self) -> Sequence[Sequence[str]]:
        """The groups of modules that import each other, the largest first."""
        # Strongly connected parts instead of single cycles: of those there may be thousands in one tangle.
        groups = (sorted(group) for group in nx.strongly_connected_components(self.imports) if len(group) > 1)
        return sorted(groups, key=lambda group: (-len(group), group))

    @property
    def rooms_graph(self) -> nx.DiGraph[str]:
        """An edge for each room that another one imports, but for the package's front."""
        rooms: nx.DiGraph[str] = nx.DiGraph()
        pairs = ((self.room(one), self.room(other)) for one, other in self.imports.edges)
        rooms.add_edges_from((one, other) for one, other in pairs if one != other and not {one, other} & _FRONT)
        return rooms

    @property
    def room_circles(self) -> Sequence[Sequence[str]]:
        """The groups of rooms that import each other."""
        return [sorted(group) for group in nx.strongly_connected_components(self.rooms_graph) if len(group) > 1]

    @property
    def classes(self) -> Mapping[str, Sequence[str]]:
        """Name of a class to the modules that have one of that name; private ones are left out."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for module, tree in self.files.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    found[node.name].append(module)
        return found

    def functions(self) -> Iterator[tuple[int, str]]:
        """Yield every function: its lines without the docstring, and its place."""
        for module, tree in self.files.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield _length(node), f"{module}:{node.lineno} {node.name}"


def read(root: Path) -> House:
    """
    Return what a package is made of.

    Args:
        root: The folder of the package.
    """
    paths = {_name(path, root): path for path in sorted(root.rglob("*.py"))}
    texts = {name: path.read_text() for name, path in paths.items()}
    files = {name: ast.parse(text) for name, text in texts.items()}
    imports: nx.DiGraph[str] = nx.DiGraph()
    imports.add_nodes_from(files)
    for name, tree in files.items():
        imports.add_edges_from((name, other) for other in _imported(tree, files) if other != name)
    return House(root.name, files, {name: text.count("\n") for name, text in texts.items()}, imports)


def _name(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")


def _imported(tree: ast.Module, known: Mapping[str, ast.Module]) -> Iterator[str]:
    # The whole tree, so that an import within a function or behind TYPE_CHECKING hides nothing.
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                # `from a import b` may mean the module a.b, or a name in a: only the first is another file.
                inner = f"{node.module}.{alias.name}"
                if inner in known:
                    yield inner
                elif node.module in known:
                    yield node.module
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            module, colon, _ = node.value.partition(":")  # what `podium.model.later` loads when it is used
            if colon and module in known:
                yield module


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body
    first = body[0]
    is_documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and len(body) > 1
    # Long docstrings are welcome; what must fit on a screen is code.
    begin = body[1].lineno if is_documented else first.lineno
    return (node.end_lineno or begin) - begin + 1


def faults(house: House) -> Iterator[str]:
    """Yield what is wrong with a package, in words."""
    for circle in house.circles:
        yield f"a circle of {len(circle)} files: {', '.join(circle)}"
    for circle in house.room_circles:
        yield f"a circle of rooms: {', '.join(circle)}"
    total = sum(house.lines.values())
    for room, lines in house.rooms.items():
        if lines > SHARE_MAX * total:
            yield f"the room {room} holds {lines / total:.0%} of all lines; {SHARE_MAX:.0%} are allowed"
    for length, place in house.functions():
        # A migration is a record of what was done then; it is never touched again.
        if length > FUNCTION_MAX and ".versions." not in place:
            yield f"{place} has {length} lines; {FUNCTION_MAX} fit on a screen"
    for module, lines in house.lines.items():
        if lines > MODULE_MAX and module not in {house.name, _WRITTEN}:
            yield f"{module} has {lines} lines; {MODULE_MAX} fit one sitting"
    yield from _twice(house)


def _twice(house: House) -> Iterator[str]:
    for name, modules in sorted(house.classes.items()):
        if len(modules) > 1 and name not in _TWICE:
            yield f"{' and '.join(modules)} have a class {name}: one name for one idea"


def _report(house: House) -> Iterator[str]:
    total = sum(house.lines.values())
    files = Counter(house.room(module) for module in house.files)
    yield f"{total} lines in {len(house.files)} files"
    for room, lines in house.rooms.most_common():
        yield f"  {room:12} {lines:6} lines {lines / total:5.1%}  {files[room]:4} files"
    yield f"circles of files: {len(house.circles)}"
    yield from (f"  {len(circle)}: {', '.join(circle)}" for circle in house.circles)
    yield f"circles of rooms: {len(house.room_circles)}"
    yield from (f"  {', '.join(circle)}" for circle in house.room_circles)
    yield "longest functions"
    yield from (f"  {length:4} {place}" for length, place in sorted(house.functions(), reverse=True)[:8])
    yield "longest modules"
    yield from (f"  {lines:4} {module}" for module, lines in Counter(house.lines).most_common(8))
    names = house.classes
    yield f"classes: {sum(map(len, names.values()))}, names used twice: {sum(len(of) > 1 for of in names.values())}"
    yield f"public names: {len(_public(house))}"


def _public(house: House) -> Sequence[str]:
    for node in house.files[house.name].body:
        # Read and not imported: the check must also say what is wrong with a package that does not import.
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report or the faults; return 1 if there are any and they were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", nargs="?", type=Path, default=Path(__file__).parents[1] / "podium")
    parser.add_argument("--check", action="store_true", help="say what is wrong, and fail if anything is")
    options = parser.parse_args(arguments)
    house = read(options.package)
    found = list(faults(house))
    print("\n".join(found if options.check else _report(house)))
    return int(options.check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
