"""`podium.backends.loader`: a URL becomes a backend."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from podium.backends import loader
from podium.backends.memory import MemoryBackend
from podium.model.errors import BackendError, BackendNotInstalled, UnknownBackend


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that supplies the backends ``mine`` and, without its driver, ``broken``."""
    info = tmp_path / "mine-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        f"[{loader.GROUP}]\nmine = mine_backend:open_backend\nbroken = mine_backend:open_broken\n",
    )
    (tmp_path / "mine_backend.py").write_text(
        "from podium.backends.memory import MemoryBackend\n"
        "class Mine(MemoryBackend):\n"
        "    def __init__(self, url):\n"
        "        super().__init__()\n"
        "        self.url = url\n"
        "open_backend = Mine\n"
        "def open_broken(url):\n"
        "    import no_such_driver\n",
    )
    monkeypatch.syspath_prepend(tmp_path)


def test_memory_url_opens_a_memory_store() -> None:
    """The scheme alone names a built-in backend."""
    assert isinstance(loader.open_backend("memory://"), MemoryBackend)


def test_each_memory_url_is_a_store_of_its_own() -> None:
    """Two memory stores share nothing."""
    assert loader.open_backend("memory://") is not loader.open_backend("memory://")


def test_memory_takes_no_name() -> None:
    """A name after memory:// would promise a sharing that does not happen, so it is refused."""
    with pytest.raises(BackendError, match="write memory://"):
        loader.open_backend("memory://shared")


def test_unknown_scheme_lists_the_known_ones_and_hides_the_password() -> None:
    """The message says which schemes are known and what to write, and shows nothing of the URL but its scheme."""
    with pytest.raises(UnknownBackend) as caught:
        loader.open_backend("oracle://scott:tiger@host/db")

    message = str(caught.value)
    assert "mariadb://, memory://, mysql://, postgresql://, sqlite://" in message
    assert "sqlite:///podium.db" in message
    assert "tiger" not in message


def test_a_text_without_scheme_is_refused() -> None:
    """A bare file name is no URL, and the message says what to write instead."""
    with pytest.raises(UnknownBackend, match="sqlite:///"):
        loader.open_backend("podium.db")


def test_an_installed_package_supplies_a_backend(plugin: None) -> None:
    """An entry point of the group is found by its name, and its function gets the whole URL."""
    assert getattr(loader.open_backend("mine://somewhere"), "url", None) == "mine://somewhere"


def test_the_driver_part_of_a_scheme_may_be_left_to_the_backend(plugin: None) -> None:
    """``mine+fast`` reaches the backend ``mine`` when nobody registered the whole scheme."""
    assert getattr(loader.open_backend("mine+fast://x"), "url", None) == "mine+fast://x"


def test_an_unknown_scheme_lists_installed_backends_too(plugin: None) -> None:
    """What packages supply is listed beside the built-in backends."""
    with pytest.raises(UnknownBackend, match="broken://, mariadb://, memory://, mine://, mysql://"):
        loader.open_backend("mien://x")


def test_a_missing_driver_is_named(plugin: None) -> None:
    """A backend whose driver is not installed says which package to install."""
    with pytest.raises(BackendNotInstalled, match="pip install no_such_driver"):
        loader.open_backend("broken://x")


def test_built_in_backends_do_not_scan_the_installed_packages() -> None:
    """Opening a built-in backend leaves the slow search for entry points alone."""
    code = (
        "import sys; from podium.backends.loader import open_backend; open_backend('memory://');"
        "sys.exit('importlib.metadata' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True, cwd=Path(__file__).parents[2])
