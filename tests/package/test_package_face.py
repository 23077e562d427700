"""The names that ``podium`` offers."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import podium
import podium.dsl


def test_every_authoring_word_is_a_name_of_the_package() -> None:
    """The package's list holds all of podium.dsl's names and resolves each of them."""
    assert set(podium.dsl.__all__) <= set(podium.__all__)
    assert all(getattr(podium, name) is not None for name in podium.__all__)


def test_no_module_stands_where_a_builder_is_meant() -> None:
    """Whichever of its modules is loaded first, a word of authoring is what authors write."""
    for name in ("loops", "switches", "forks", "workflows"):
        import_module(f"podium.dsl.{name}")

    assert not [name for name in podium.dsl.__all__ if isinstance(getattr(podium.dsl, name), ModuleType)]


def test_importing_the_package_loads_no_room_that_is_not_asked_for() -> None:
    """A bare import costs next to nothing: no engine, no authoring, no third-party library beyond the model's."""
    heavy = ("podium.engine", "podium.dsl", "networkx", "httpx")
    program = f"import podium, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_package_tells_its_version() -> None:
    """Where packages do so: bug reports ask for it."""
    assert podium.__version__ == version("podium")


ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| `(podium(?:\.\w+)+)` \| (.+) \|$", re.MULTILINE)


def public_modules() -> dict[str, list[str]]:
    """Return the modules that users name in their programs, with their names there, as the page has them."""
    page = (ROOT / "docs" / "architecture.md").read_text().partition("## What is public")[2].partition("\n## ")[0]
    return {module: re.findall(r"`(\w+)`", names) for module, names in _ROW.findall(page)}


#: Names of the package that are not words of authoring, which `podium.dsl` lists.
BESIDE_AUTHORING = {
    "AsyncClient",
    "AuthoringError",
    "Client",
    "DefinitionError",
    "EmbeddedClient",
    "EventHandler",
    "Failure",
    "InProgress",
    "PodiumError",
    "Problem",
    "RequestError",
    "RunStatus",
    "RunTimeout",
    "Schedule",
    "SchemaDef",
    "TaskCancelled",
    "TaskContext",
    "TaskDef",
    "TaskResult",
    "TaskRun",
    "TaskStatus",
    "TerminalTaskError",
    "WorkflowDef",
    "WorkflowRun",
    "WorkflowTask",
    "check",
    "connect",
    "connect_async",
    "failure",
}


def test_the_package_offers_these_names_and_no_others() -> None:
    """A name comes or goes on purpose: this list is changed with it, and the changelog says so."""
    assert set(podium.__all__) - set(podium.dsl.__all__) == BESIDE_AUTHORING
    assert list(podium.__all__) == sorted(podium.__all__)
    assert len(set(podium.__all__)) == len(podium.__all__)


def test_public_modules_keep_their_names() -> None:
    """What documents and other people's programs import by module is there; the page lists it."""
    listed = public_modules()
    missing = [
        f"{module}.{name}"
        for module, names in listed.items()
        for name in names
        if not hasattr(import_module(module), name)
    ]

    assert len(listed) > 10
    assert missing == []


_IMPORT = re.compile(r"^\s*from (podium(?:\.\w+)+) import (\([^)]*\)|[^\n#]+)", re.MULTILINE)


def test_documents_import_only_what_is_public() -> None:
    """What an example of the documents imports is on the list, so it stays where it is."""
    listed = public_modules() | {"podium.dsl": [*podium.dsl.__all__, *podium._NAMESPACES]}
    pages = [path for path in (ROOT / "docs").rglob("*.md") if path.name != "simulation.md"]
    private = [
        f"{path.name}: {module}.{name}"
        for path in [ROOT / "README.md", *pages]
        for module, names in _IMPORT.findall(path.read_text())
        for name in re.findall(r"\w+", names)
        if name not in listed.get(module, ()) and f"{module}.{name}" not in listed
    ]

    assert private == []
