"""Vector databases: put texts and embeddings in, and search for what is near."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from podium.dsl.builders.declaring import builder, declared
from podium.dsl.steps import Step
from podium.typed.authored import AuthoredObject
from podium.typed.records import CamelCase

__all__ = [
    "Found",
    "get_embeddings",
    "index_document",
    "index_text",
    "search",
    "search_embeddings",
    "store",
]


@attrs.frozen(kw_only=True)
class Found(CamelCase):
    """One text that a search has found."""

    doc_id: str
    #: The document that it is a part of.
    parent_doc_id: str
    text: str
    #: How near it is; more is nearer.
    score: float
    metadata: Mapping[str, Any]


_KEYS = {
    "database": "vectorDB",
    "provider": "embeddingModelProvider",
    "model": "embeddingModel",
    "integration": "integrationName",
}


@builder("LLM_INDEX_TEXT", output=None, keys={**_KEYS, "document": "docId"})
def index_text(
    name: str,
    /,
    *,
    database: str,
    index: str,
    provider: str,
    model: str,
    text: str | None = None,
    document: str | None = None,
    namespace: str | None = None,
    url: str | None = None,
    media_type: str | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int | None = None,
    metadata: Mapping[str, object] | None = None,
    dimensions: int | None = None,
    integration: str | None = None,
    extra: AuthoredObject | None = None,
) -> Step[None]:
    """
    Put a text into an index (LLM_INDEX_TEXT).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        database: The vector database's name at the server.
        index: The index, or collection.
        provider: The provider of the embedding model.
        model: The embedding model.
        text: The text.
        document: The document's id; open-source Conductor fails for good without one.
        namespace: A part of the index; the document's id by default.
        url: Where the document is, for servers that fetch it (Orkes).
        media_type: What it is.
        chunk_size: Characters of a piece; 12000 by default.
        chunk_overlap: Characters that a piece shares with the next; 400 by default.
        metadata: What is kept beside it.
        dimensions: Length of the vectors.
        integration: Name of an integration that is registered at the server.
        extra: Inputs that have no parameter here.
    """
    declared()


@builder("LLM_INDEX_DOCUMENT", output=None, keys={**_KEYS, "document": "docId"})
def index_document(
    name: str,
    /,
    *,
    database: str,
    index: str,
    provider: str,
    model: str,
    url: str,
    media_type: str | None = None,
    namespace: str | None = None,
    document: str | None = None,
    chunk_size: int | None = None,
    chunk_overlap: int | None = None,
    metadata: Mapping[str, object] | None = None,
    dimensions: int | None = None,
    extra: AuthoredObject | None = None,
) -> Step[None]:
    """
    Fetch a document and put it into an index (LLM_INDEX_DOCUMENT).

    Run by: Orkes. The Python SDK of Conductor writes LLM_INDEX_TEXT for it; `index_text` does too.

    Args:
        name: The reference name.
        database: The vector database's name at the server.
        index: The index, or collection.
        provider: The provider of the embedding model.
        model: The embedding model.
        url: Where the document is.
        media_type: What it is, such as ``application/pdf``.
        namespace: A part of the index.
        document: The document's id.
        chunk_size: Characters of a piece.
        chunk_overlap: Characters that a piece shares with the next.
        metadata: What is kept beside it.
        dimensions: Length of the vectors.
        extra: Inputs that have no parameter here.
    """
    declared()


@builder("LLM_STORE_EMBEDDINGS", output=int, keys=_KEYS)
def store(
    name: str,
    /,
    *,
    database: str,
    index: str,
    embeddings: Sequence[float],
    namespace: str | None = None,
    id: str | None = None,  # noqa: A002  # the word of the JSON
    provider: str | None = None,
    model: str | None = None,
    metadata: Mapping[str, object] | None = None,
    extra: AuthoredObject | None = None,
) -> Step[int]:
    """
    Put an embedding into an index (LLM_STORE_EMBEDDINGS).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        database: The vector database's name at the server.
        index: The index, or collection.
        embeddings: The vector, as `podium.dsl.ai.embed` gives it.
        namespace: A part of the index.
        id: Its id; a random one by default.
        provider: The provider of the model that made it.
        model: The model that made it.
        metadata: What is kept beside it.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is how many were stored.
    """
    declared()


@builder("LLM_SEARCH_INDEX", output=list[Found], keys=_KEYS)
def search(
    name: str,
    /,
    *,
    database: str,
    index: str,
    provider: str,
    model: str,
    query: str,
    namespace: str | None = None,
    max_results: int | None = None,
    dimensions: int | None = None,
    extra: AuthoredObject | None = None,
) -> Step[list[Found]]:
    """
    Search an index for what is near to a text (LLM_SEARCH_INDEX).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        database: The vector database's name at the server.
        index: The index, or collection.
        provider: The provider of the embedding model.
        model: The embedding model; the one that the index was made with.
        query: The text.
        namespace: A part of the index.
        max_results: How many at most; 1 by default.
        dimensions: Length of the vectors.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is the list of what was found, the nearest first.
    """
    declared()


@builder("LLM_SEARCH_EMBEDDINGS", output=list[Found], keys=_KEYS)
def search_embeddings(
    name: str,
    /,
    *,
    database: str,
    index: str,
    embeddings: Sequence[float],
    namespace: str | None = None,
    max_results: int | None = None,
    dimensions: int | None = None,
    provider: str | None = None,
    model: str | None = None,
    extra: AuthoredObject | None = None,
) -> Step[list[Found]]:
    """
    Search an index for what is near to an embedding (LLM_SEARCH_EMBEDDINGS).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        database: The vector database's name at the server.
        index: The index, or collection.
        embeddings: The vector, as `podium.dsl.ai.embed` gives it.
        namespace: A part of the index.
        max_results: How many at most; 1 by default.
        dimensions: Length of the vectors.
        provider: The provider of the model that made it.
        model: The model that made it.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is the list of what was found, the nearest first.
    """
    declared()


@builder("LLM_GET_EMBEDDINGS", output=list[Found], keys=_KEYS)
def get_embeddings(
    name: str,
    /,
    *,
    database: str,
    index: str,
    embeddings: Sequence[float],
    namespace: str | None = None,
    max_results: int | None = None,
    extra: AuthoredObject | None = None,
) -> Step[list[Found]]:
    """
    Search as `search_embeddings` does, under the older name (LLM_GET_EMBEDDINGS).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        database: The vector database's name at the server.
        index: The index, or collection.
        embeddings: The vector.
        namespace: A part of the index.
        max_results: How many at most; 1 by default.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is the list of what was found.
    """
    declared()
