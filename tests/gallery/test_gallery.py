"""The page of all pictures."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture(scope="module")
def gallery() -> ModuleType:
    """Return the script as a module."""
    spec = importlib.util.spec_from_file_location("gallery_script", ROOT / "scripts" / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(gallery: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the gallery of the examples alone."""
    folder = tmp_path_factory.mktemp("gallery")
    built = gallery.build(folder, folder / "no-corpus")
    assert (built.drawn, built.refused) == (8, {})
    assert isinstance(built.page, Path)
    return built.page


def test_every_picture_is_sound(page: Path) -> None:
    """Each SVG is well-formed, has a title, and is there in both themes; a run has its timeline, too."""
    pictures = [ET.fromstring(text) for text in svgs(page)]

    assert len(pictures) == 2 * (8 + 4)
    assert all(picture.findtext("{http://www.w3.org/2000/svg}title") for picture in pictures)
    text = page.read_text(encoding="utf-8")
    assert text.count('<figure class="light">') == text.count('<figure class="dark">') == len(pictures) / 2


def test_the_page_needs_nothing_else(page: Path) -> None:
    """No script, no style sheet, no image and no address but the names of XML's own vocabularies."""
    text = page.read_text(encoding="utf-8")

    assert not re.findall(r"<(?:script|link|img|iframe|object|image)\b|@import|url\(", text)
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_no_two_things_share_an_id(page: Path) -> None:
    """Pictures on one page keep their ids apart, and every link of the page leads somewhere."""
    text = page.read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)

    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def test_mermaid_is_written_beside_it(page: Path) -> None:
    """Each subject is there in two files, for the check with the real package."""
    names = sorted(path.name for path in (page.parent / "mermaid").iterdir())

    assert len(names) == 2 * 8
    assert all((page.parent / "mermaid" / name).read_text().startswith(("%%{", "---", "flowchart")) for name in names)


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here")
def test_the_whole_corpus_is_drawn(gallery: ModuleType, tmp_path: Path) -> None:
    """Every definition and every execution is on the page, and each of their pictures is well-formed."""
    built = gallery.build(tmp_path)
    definitions = len(list((CORPUS / "definitions").glob("*.json")))

    assert built.refused == {}
    assert built.drawn >= 8 + definitions + 3
    for text in svgs(built.page):
        ET.fromstring(text)


def svgs(page: Path) -> list[str]:
    """Return the pictures of a page."""
    return re.findall(r"<svg .*?</svg>", page.read_text(encoding="utf-8"), re.DOTALL)
