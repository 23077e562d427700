"""`podium.model.installed`: what packages bring is found, and costs nothing where they bring nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from podium.model.installed import entries


def texts(group: str) -> list[str]:
    """Return what the entries of a group name."""
    return [entry.value for entry in entries(group)]


def test_entries_of_a_package_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package in a folder of the path brings the entries of its text."""
    info = tmp_path / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[acme.first]\na = acme:a\n\n[acme.second]\nb = acme:b\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert texts("acme.second") == ["acme:b"]
    assert texts("acme.third") == []


def test_entries_in_an_archive_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place of the path that cannot be looked into quickly is left to the standard library."""
    with ZipFile(tmp_path / "acme.zip", "w") as archive:
        archive.writestr("acme-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        archive.writestr("acme-1.0.dist-info/entry_points.txt", "[acme.first]\na = acme:a\n")
    monkeypatch.syspath_prepend(tmp_path / "acme.zip")

    assert texts("acme.first") == ["acme:a"]


def test_what_finders_know_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A finder that knows of packages in other places is asked."""
    from importlib.metadata import Distribution, DistributionFinder

    class Known(Distribution):
        def read_text(self, filename: str) -> str | None:
            texts = {"METADATA": "Name: acme\nVersion: 1.0\n", "entry_points.txt": "[acme.first]\na = acme:a\n"}
            return texts.get(filename)

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    class Finder(DistributionFinder):
        def find_spec(self, *_: object) -> None:
            return None

        def find_distributions(self, context: object = None) -> list[Distribution]:
            return [Known()]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])

    assert texts("acme.first") == ["acme:a"]


def test_nothing_is_loaded_where_there_is_nothing() -> None:
    """A process whose packages bring no entry of a group does not import what reads them."""
    code = "import sys; from podium.model.installed import entries; entries('no.such'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "importlib.metadata" not in done.stdout.split()
