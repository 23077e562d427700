"""The house: rooms without circles, files that can be read in one sitting."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import networkx as nx
import pytest

from podium.model.later import named

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house() -> ModuleType:
    """The script that reads the package."""
    spec = importlib.util.spec_from_file_location("house", ROOT / "scripts" / "house.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _write(root: Path, **files: str) -> Path:
    for name, text in {"__init__": "", **files}.items():
        path = root / "shop" / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "shop"


@pytest.mark.parametrize(
    "planted",
    [
        "from shop import till\n",
        "def buy():\n    from shop.till import pay\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.till import Till\n",
        "import shop.till\n",
        "HOME = 'shop.till:Till'\n",
    ],
    ids=["module", "in a function", "for type checkers", "whole", "by a text"],
)
def test_a_planted_circle_is_found_and_fails(
    house: ModuleType, tmp_path: Path, planted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """However a file imports the one that imports it, the check says so and fails."""
    root = _write(tmp_path, till="from shop.goods import Item\n", goods=planted)

    assert house.main([str(root), "--check"]) == 1
    assert "a circle of 2 files: shop.goods, shop.till" in capsys.readouterr().out


def test_rooms_that_import_each_other_are_found(house: ModuleType, tmp_path: Path) -> None:
    """Two rooms may form a circle though no two files do."""
    files = {"front__in__door": "from shop.back.wall import x\n", "back__in__roof": "from shop.front.step import y\n"}
    root = _write(tmp_path, **files, front__in__step="y = 1\n", back__in__wall="x = 1\n")

    assert house.read(root).circles == []
    assert "a circle of rooms: back, front" in list(house.faults(house.read(root)))


def test_a_function_longer_than_a_screen_is_named(house: ModuleType, tmp_path: Path) -> None:
    """A docstring does not count, code does."""
    long = "def f():\n    '''Docstring.\n" + "more\n" * 80 + "'''\n" + "    x = 1\n" * 51
    root = _write(tmp_path, long=long)

    assert any("shop.long:1 f has 51 lines" in fault for fault in house.faults(house.read(root)))


def test_one_name_stands_for_one_idea(house: ModuleType, tmp_path: Path) -> None:
    """Two classes of one name are named, with their modules; private ones are nobody else's business."""
    text = "class Item: ...\nclass _Row: ...\n"
    root = _write(tmp_path, goods=text, till=text)

    named = [fault for fault in house.faults(house.read(root)) if "class" in fault]
    assert named == ["shop.goods and shop.till have a class Item: one name for one idea"]


def test_the_package_has_no_faults(house: ModuleType) -> None:
    """No circle of files or rooms, no room above its share, nothing too long to be read."""
    assert list(house.faults(house.read(ROOT / "podium"))) == []


def test_the_drawing_shows_the_rooms_as_they_are(house: ModuleType) -> None:
    """Each arrow of the page is an import of one room by another, and each import is a way along arrows."""
    page = (ROOT / "docs" / "architecture.md").read_text().partition("```mermaid\n")[2].partition("```")[0]
    drawn: nx.DiGraph[str] = nx.DiGraph()
    for line in page.splitlines():
        arrow = re.match(r"\s*(\w+)(?:\[.*\])? --> (.+)", line)
        if arrow is not None:
            drawn.add_edges_from((arrow[1], other) for other in re.findall(r"\w+", arrow[2].partition("[")[0]))
    rooms = house.read(ROOT / "podium").rooms_graph

    assert [edge for edge in drawn.edges if not rooms.has_edge(*edge)] == []
    assert [edge for edge in rooms.edges if not nx.has_path(drawn, *edge)] == []


def test_what_is_loaded_later_is_there() -> None:
    """Each module that a text stands for is one, and has the name that it is asked for."""
    paths = sorted((ROOT / "podium").rglob("*.py"))
    nodes = [node for path in paths for node in ast.walk(ast.parse(path.read_text()))]
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    calls = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "later"]
    references = {each for each in texts if re.fullmatch(r"podium(\.\w+)+:\w+", each)}
    references -= {"podium.backends.sql:migrations"}  # Alembic's word for a folder
    modules = {ast.literal_eval(call.args[0]) for call in calls}

    assert (len(references) > 40, len(modules) > 20) == (True, True)
    assert [each for each in sorted(references) if named(each) is None] == []
    assert [each for each in sorted(modules) if importlib.util.find_spec(str(each)) is None] == []
