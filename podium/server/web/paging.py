"""Pages of lists."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from podium.server.web.writing import address


@frozen(kw_only=True)
class Pager:
    """
    Where a page stands in its list.

    Attributes:
        first: The number of its first row, from 1.
        last: That of its last.
        total: Of all rows; None where nobody has counted them.
        before: The address of the page before; empty for none.
        after: That of the next.
    """

    first: int
    last: int
    total: int | None
    before: str
    after: str


def pager(path: str, start: int, size: int, total: int | None, *, here: int | None = None, **parameters: Any) -> Pager:
    """
    Return where a page stands.

    Args:
        path: Of the list.
        start: How many rows are before it.
        size: Rows of a page.
        total: Of all; None where it is not known.
        here: Rows of this page; needed where the total is not known.
        parameters: What else the addresses say.

    Example:
        >>> pager("/runs", 50, 50, 120, status="FAILED").after
        '/runs?status=FAILED&start=100'
    """
    count = here if here is not None else max(0, min(size, (total or 0) - start))
    is_more = count == size if total is None else start + size < total
    return Pager(
        first=start + 1 if count else start,
        last=start + count,
        total=total,
        before=address(path, **parameters, start=max(0, start - size) or None) if start else "",
        after=address(path, **parameters, start=start + size) if is_more else "",
    )
