"""
Writes the SQL texts of a database as a module: ``python -m podium.backends.sql.generate``.

For SQLite, which must start fast, what `podium.backends.sql.queries` compiles is kept as a module
(``sqlite_statements.py``), so that nothing of SQLAlchemy is imported to run it. A test notices when it was not written
anew after a change of the queries or the tables.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap

from attrs import asdict

from podium.backends.sql.queries import compile_statements
from podium.backends.sql.sqlite_spelling import SqliteSpelling
from podium.backends.sql.statements import Statements


def module_text(statements: Statements, database: str) -> str:
    """Return the source of the module that holds the texts for one database."""
    fields = asdict(statements)
    return "\n".join(
        [
            '"""',
            f"The SQL texts for {database}.",
            "",
            "Written by ``python -m podium.backends.sql.generate``: change the queries.",
            '"""',
            "",
            "from __future__ import annotations",
            "",
            "from podium.backends.sql.statements import Statements",
            "",
            "STATEMENTS = Statements(",
            *(f"    {name}={_literal(value)}," for name, value in fields.items()),
            ")",
            "",
        ],
    )


def _literal(value: str | tuple[str, ...]) -> str:
    """Spell a text, or several, as Python source with lines of a readable length."""
    if isinstance(value, tuple):
        return "".join(["(\n", *(f"        {_literal(text)},\n" for text in value), "    )"])
    lines = wrap(value, width=100, drop_whitespace=False, break_long_words=False, break_on_hyphens=False)
    quoted = [f'"{line.replace(chr(34), chr(92) + chr(34))}"' for line in lines]
    return quoted[0] if len(quoted) == 1 else "".join(["(\n", *(f"        {line}\n" for line in quoted), "    )"])


def main() -> None:
    """Write the modules of all databases that have one."""
    path = Path(__file__).with_name("sqlite_statements.py")
    path.write_text(module_text(compile_statements(SqliteSpelling()), "SQLite"), encoding="utf-8")


if __name__ == "__main__":
    main()
