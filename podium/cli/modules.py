"""Import the Python code that a user names: a file or a module."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from podium.cli.console import stdout_kept_clean
from podium.model.errors import InvalidRequest, PodiumError

#: Frames of these are not the author's.
_NOT_THEIRS = (str(Path(__file__).parents[1]), "<frozen ")


def import_place(place: str) -> ModuleType:
    """
    Import a Python file (``flows/order.py``) or a module (``shop.order``).

    Args:
        place: What ends with ``.py`` is a file. Modules are looked for in the working directory too.

    Raises:
        InvalidRequest: There is no such file or module, or it cannot be imported.
        DefinitionError: It builds a workflow wrongly.
    """
    return _import_file(place) if place.endswith(".py") else _import_module(place)


def _import_file(place: str) -> ModuleType:
    path = Path(place).resolve()
    if not path.is_file():
        raise InvalidRequest(f"there is no file {place}")
    known = next((each for each in sys.modules.values() if _file_of(each) == path), None)
    if known is not None:
        return known
    root, names = path.parent, [path.stem]
    while (root / "__init__.py").is_file():
        root, names = root.parent, [root.name, *names]
    _make_importable(root)
    with authors_faults(f"{place} cannot be imported"):
        return importlib.import_module(".".join(names)) if len(names) > 1 else _load(path)


def _file_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if isinstance(file, str) and module.__name__ != "__main__" else None


def _load(path: Path) -> ModuleType:
    # A file that is called like a module which is there already, or which Python itself needs, must not replace it.
    taken = path.stem in sys.modules or path.stem in sys.stdlib_module_names
    name = f"{path.stem}@{path}" if taken else path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InvalidRequest(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations are looked up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _import_module(name: str) -> ModuleType:
    _make_importable(Path.cwd())
    if not all(part.isidentifier() for part in name.split(".")):
        raise InvalidRequest(f"{name!r} is no file that exists, and no module's name")
    with authors_faults(f"the module {name} cannot be imported"):
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is not None and f"{name}.".startswith(f"{error.name}."):
                raise InvalidRequest(_missing(name, error.name)) from error
            raise


def _missing(name: str, missing: str) -> str:
    advice = f"; for the file, write {name}.py" if Path(f"{name}.py").is_file() else ""
    inside = f" (there is no {missing})" if missing != name else ""
    return f"there is no module {name}{inside}{advice}"


def _make_importable(folder: Path) -> None:
    """Let the code find its neighbours, as Python itself does for a script."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


@contextmanager
def authors_faults(what: str) -> Iterator[None]:
    """
    Turn errors of the author's code into one clear line.

    Args:
        what: How that line begins.

    Raises:
        InvalidRequest: The code failed; the error says how and where. Podium's own errors pass through.
    """
    try:
        with stdout_kept_clean():
            yield
    except (PodiumError, KeyboardInterrupt):
        raise
    except SystemExit as error:
        raise InvalidRequest(f"{what}: it ends the program; put that below: if __name__ == '__main__'") from error
    except Exception as error:
        raise InvalidRequest(f"{what}: {type(error).__name__}: {error}{_place_of(error)}") from error


def _place_of(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return ""  # its text says where
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    return f" ({theirs[-1].filename}:{theirs[-1].lineno})" if theirs else ""
