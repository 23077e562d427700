"""Tables: drawn on a terminal, aligned text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from podium.cli.console import COLOURS, out, printable

#: The last column, which holds reasons, is cut to what the terminal leaves, but not below this many characters.
_LAST_WIDTH_MIN = 30


def print_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """
    Write a table to the standard output.

    Args:
        headers: The columns' names.
        rows: The cells, one line each. Statuses get their colour.
    """
    if sys.stdout.isatty():
        _draw(headers, rows)
        return
    for line in align([headers, *rows]):
        out(line)


def align(rows: Sequence[Sequence[str]]) -> list[str]:
    """
    Return rows as lines whose columns are two blanks apart; wide characters count for two.

    Example:
        >>> align([["REF", "STATUS"], ["支付", "FAILED"], ["ship", "-"]])
        ['REF   STATUS', '支付  FAILED', 'ship  -']
    """
    from rich.cells import cell_len

    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    padded = ([cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join(row).rstrip() for row in padded]


def _draw(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        table.add_column(header, no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(printable(cell), style=COLOURS.get(cell, "")) for cell in row))
    widths = [max(cell_len(cell) for cell in column) for column in zip(headers, *rows, strict=True)]
    # Ids are there to be copied: a narrow terminal had better break lines than get half of them.
    least = sum(widths[:-1]) + min(widths[-1], _LAST_WIDTH_MIN) + 2 * len(widths)
    console = Console(highlight=False)
    Console(highlight=False, width=max(console.width, least)).print(table, crop=False)
