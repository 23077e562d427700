"""Files and documents: fetch, read, split, list, and write PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from podium.dsl.builders.ai import Reply
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.steps import Step
from podium.typed.authored import AuthoredObject
from podium.typed.records import CamelCase

__all__ = ["PdfFile", "chunk", "fetch", "list_files", "parse", "pdf"]


@attrs.frozen(kw_only=True)
class PdfFile(CamelCase):
    """Where a PDF is."""

    location: str
    size_bytes: int


_KEYS = {"integration": "integrationName", "integrations": "integrationNames"}


@builder("GET_DOCUMENT", output=str)
def fetch(name: str, /, *, url: str, media_type: str | None = None) -> Step[str]:
    """
    Fetch a document and give its text (GET_DOCUMENT).

    Run by: Orkes.

    Args:
        name: The reference name.
        url: Where it is.
        media_type: What it is: ``application/pdf``, ``text/html``, ``text/plain`` or ``application/json``.

    Returns:
        The step; ``.output`` is the text.
    """
    declared()


@builder("PARSE_DOCUMENT", output=list[str], keys=_KEYS)
def parse(
    name: str,
    /,
    *,
    url: str,
    media_type: str | None = None,
    chunk_size: int | None = None,
    integration: str | None = None,
) -> Step[list[str]]:
    """
    Fetch a document or archive and give its text as Markdown, in pieces if wanted (PARSE_DOCUMENT).

    Run by: Orkes.

    Args:
        name: The reference name.
        url: Where it is: ``https://…``, ``s3://…``, ….
        media_type: What it is; found out by default.
        chunk_size: Characters of a piece, 100 to 10,000; by default there is one piece.
        integration: Name of an integration that is registered at the server, for what is not public.

    Returns:
        The step; ``.output`` is the list of the pieces.
    """
    declared()


@builder("CHUNK_TEXT", output=list[str], at=("output", "text"))
def chunk(
    name: str,
    /,
    *,
    text: str,
    chunk_size: int | None = None,
    media_type: str | None = None,
) -> Step[list[str]]:
    """
    Split a text into pieces (CHUNK_TEXT).

    Run by: Orkes.

    Args:
        name: The reference name.
        text: The text.
        chunk_size: Characters of a piece, 100 to 10,000; 1024 by default.
        media_type: What it is, which says where to split: ``auto``, ``markdown``, ``python``, ….

    Returns:
        The step; ``.output`` is the list of the pieces.
    """
    declared()


@builder("LIST_FILES", output=list[str], at=("output", "files"), keys={**_KEYS, "location": "inputLocation"})
def list_files(
    name: str,
    /,
    *,
    location: str,
    file_types: Sequence[str] | None = None,
    output_location: str | None = None,
    integration: str | None = None,
    integrations: Mapping[str, str] | None = None,
) -> Step[list[str]]:
    """
    List the files at a place: a bucket, a repository, a site map (LIST_FILES).

    Run by: Orkes.

    Args:
        name: The reference name.
        location: Such as ``s3://bucket/folder`` or ``https://github.com/owner/repo``.
        file_types: Such as ``pdf`` and ``csv``; all by default.
        output_location: Where to put the list as a file too.
        integration: Name of an integration that is registered at the server, for what is not public.
        integrations: Kind of integration to its name, where several are needed.

    Returns:
        The step; ``.output`` is the list of the files' addresses.
    """
    declared()


@builder("GENERATE_PDF", output=Reply[PdfFile], keys={"metadata": "pdfMetadata"})
def pdf(
    name: str,
    /,
    *,
    markdown: str,
    page_size: str | None = None,
    theme: str | None = None,
    base_font_size: float | None = None,
    margin_top: float | None = None,
    margin_right: float | None = None,
    margin_bottom: float | None = None,
    margin_left: float | None = None,
    output_location: str | None = None,
    metadata: Mapping[str, str] | None = None,
    image_base_url: str | None = None,
    extra: AuthoredObject | None = None,
) -> Step[Reply[PdfFile]]:
    """
    Write Markdown as a PDF (GENERATE_PDF).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        markdown: The text.
        page_size: ``A4`` (the default), ``LETTER`` or ``LEGAL``.
        theme: ``default`` or ``compact``.
        base_font_size: Points; 11 by default.
        margin_top: Points, of which 72 are an inch; 72 by default, as the others.
        margin_right: Points.
        margin_bottom: Points.
        margin_left: Points.
        output_location: Where to put it; the server's own store by default.
        metadata: Title, author, subject, keywords.
        image_base_url: Where pictures without a full address are.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output.result`` tells where it is.
    """
    declared()
