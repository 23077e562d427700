"""
The connection that writes to PostgreSQL: all of a transaction is sent at once, and its answers are read at once.

psycopg's own pipeline costs Python more than the server takes for a small commit, so this speaks to libpq.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import InFailedSqlTransaction, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from podium.backends.sql.database import Values, Writer
from podium.backends.sql.postgresql_texts import EXISTS, MISSED, many_rows, one_row, values_of
from podium.backends.sql.server import Refused

if TYPE_CHECKING:
    from psycopg.pq.abc import PGresult

_BINARY = 1
_NOTIFY = b"SELECT pg_notify('podium', $1)"
_OR_ELSE = {MISSED, EXISTS}


class _Step(NamedTuple):
    """A statement that is sent with the rest, and what to raise if it does not do what it should."""

    text: bytes
    values: list[bytes | None]
    or_else: Callable[[], Exception] | None = None


class PipelineCursor:
    """
    A `podium.backends.sql.database.Writer` of a connection of its own.

    What is written waits until the commit, and goes with it as a pipeline that ends in one synchronisation: the server
    takes all of it as one transaction. Only what is to be read (`execute`) is sent before, with a transaction around.

    Args:
        connection: psycopg's; nobody else may use it.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._line = connection.pgconn
        self._line.enter_pipeline_mode()
        self._poll = select.poll()
        self._poll.register(self._line.socket, select.POLLIN)
        #: The names under which statements are prepared.
        self._names: dict[bytes, bytes] = {}
        self._numbers = count(1)
        #: What waits to be sent; and what was sent: steps, and texts that are to be prepared.
        self._steps: list[_Step] = []
        self._sent: list[_Step | bytes] = []
        #: A transaction was begun by word, and ends by word.
        self._is_open = False
        #: The answers to a notification are still to come.
        self._owes = False
        self._result: PGresult | None = None

    @property
    def rowcount(self) -> int:
        """How many rows the last `execute` changed."""
        return 0 if self._result is None else self._result.command_tuples or 0

    def execute(self, sql: str, parameters: Values = (), /) -> object:
        """Run a statement once, and wait for its end."""
        if not self._is_open:
            self._is_open = True
            self._steps.insert(0, _Step(b"BEGIN", []))
        self._steps.append(_Step(one_row(sql, is_checked=False), values_of(parameters)))
        self._send()
        try:
            self._result = self._answers()
        except Refused as refused:
            raise refused.__cause__ or refused from None
        return self

    def fetchall(self) -> Sequence[Any]:
        """Return the rows that the last `execute` found, as tuples."""
        if self._result is None:
            return []
        transformer = Transformer(self._connection)
        transformer.set_pgresult(self._result)
        return transformer.load_rows(0, self._result.ntuples, tuple)

    def executemany(self, sql: str, parameters: Sequence[Values], /) -> object:
        """Run a statement for each row of parameters, at the commit."""
        self._add(sql, parameters, None)
        return self

    def change(self, sql: str, parameters: Sequence[Values], or_else: Callable[[], Exception]) -> None:
        """Run a statement that must change a row for each row of parameters, at the commit."""
        self._add(sql, parameters, or_else)

    def _add(self, sql: str, rows: Sequence[Values], or_else: Callable[[], Exception] | None) -> None:
        is_checked = or_else is not None
        many = many_rows(sql, is_checked=is_checked) if len(rows) > 1 else None
        if many is not None and many.update is not None:
            ordered = many.update.in_order(rows)
            many, rows = (None, rows) if ordered is None else (many, ordered)
        if many is not None:
            self._steps += [_Step(many.text, values, or_else) for values in many.calls(rows)]
        else:
            text = one_row(sql, is_checked=is_checked)
            self._steps += [_Step(text, values_of(row), or_else) for row in rows]

    # -- transactions --------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """
        Make sure that the server is there, as far as that can be seen from here.

        Raises:
            psycopg.Error: It has closed the connection.
        """
        if self._owes:
            self._owes = False
            self._read_end()
        if self._poll.poll(0):
            # Nothing was asked, so either it says good-bye, or has something to tell that nobody wants to know.
            self._send()
            self._answers()

    def commit(self, notification: bytes | None) -> None:
        """
        Commit, and notify right behind it: a transaction of its own, which has nothing to flush.

        Raises:
            Refused: The server has undone it.
            psycopg.Error: It may or may not have been committed.
        """
        if self._is_open:
            self._steps.append(_Step(b"COMMIT", []))
            self._is_open = False
        self._send(notification)
        try:
            self._answers()
        except Exception:
            if self._line.status == ConnStatus.OK:
                self.rollback()
            raise

    def rollback(self) -> None:
        """Undo what was done."""
        self._steps.clear()
        self._is_open = False
        if self._owes:
            self._owes = False
            # In a transaction that was begun by word, and refused, there is no notifying either.
            with suppress(InFailedSqlTransaction):
                self._read_end()
        if self._line.transaction_status != TransactionStatus.IDLE:
            self._steps.append(_Step(b"ROLLBACK", []))
            self._send()
            self._answers()

    # -- the line ------------------------------------------------------------------------------------------------------

    def _send(self, notification: bytes | None = None) -> None:
        """Send what waits, and ask for an answer to all of it."""
        line, steps = self._line, self._steps
        self._steps = []
        self._sent.clear()
        for step in steps:
            self._sent += self._put(step)
        line.pipeline_sync()
        if notification is not None:
            self._put(_Step(_NOTIFY, [notification]))  # `_read_end` reads its answers
            line.pipeline_sync()
            self._owes = True
        while line.flush():
            self._poll.modify(line.socket, select.POLLIN | select.POLLOUT)
            self._poll.poll()
            line.consume_input()
            self._poll.modify(line.socket, select.POLLIN)

    def _put(self, step: _Step) -> Sequence[_Step | bytes]:
        """Put a statement on the line, and return what will be answered: before its first use its preparation too."""
        name = self._names.get(step.text)
        is_new = name is None
        if name is None:
            self._names[step.text] = name = f"podium_{next(self._numbers)}".encode()
            self._line.send_prepare(name, step.text)
        self._line.send_query_prepared(name, step.values, [_BINARY] * len(step.values))
        return (step.text, step) if is_new else (step,)

    def _answers(self) -> PGresult | None:
        """
        Read the answers to all that was sent, and return the last one.

        Raises:
            Refused: The server refused a statement, and with it all that came after.
            psycopg.Error: The connection broke, or the server could not commit.
        """
        result: PGresult | None = None
        refusal: Exception | None = None
        sent = iter(self._sent)
        try:
            for one in sent:
                result = self._next()
                error = None if result is None else _error_of(result)
                self._next()  # nothing, which ends the answer
                if isinstance(one, bytes) and result is not None and result.status != ExecStatus.COMMAND_OK:
                    del self._names[one]  # it was not prepared
                if refusal is None and error is not None:
                    refusal = _refusal(error, one)
            self._read_end()
        except psycopg.Error as error:
            if refusal is None or error.sqlstate:
                raise
        if refusal is not None:
            raise refusal
        return result

    def _read_end(self) -> None:
        """Read what ends a pipeline."""
        failure: psycopg.Error | None = None
        while (result := self._next()) is None or result.status != ExecStatus.PIPELINE_SYNC:
            failure = failure or (None if result is None else _error_of(result))
        if failure is not None:
            raise failure

    def _next(self) -> PGresult | None:
        """Wait for the next answer."""
        line = self._line
        while line.is_busy():
            self._poll.poll()
            line.consume_input()
        result = line.get_result()
        if result is not None and result.status == ExecStatus.FATAL_ERROR and line.status == ConnStatus.BAD:
            error = error_from_result(result)
            if not error.sqlstate:
                raise error
        return result


def _error_of(result: PGresult) -> psycopg.Error | None:
    return error_from_result(result) if result.status == ExecStatus.FATAL_ERROR else None


def _refusal(error: psycopg.Error, one: _Step | bytes) -> Exception:
    """Return what to raise for a statement that the server refused."""
    if isinstance(one, _Step) and one.or_else is not None and error.sqlstate in _OR_ELSE:
        reason = one.or_else()
        reason.__cause__ = error
        return reason
    refusal = Refused(str(error))
    refusal.__cause__ = error
    return refusal


if TYPE_CHECKING:
    _conforms: type[Writer] = PipelineCursor
