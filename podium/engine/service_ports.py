"""What an engine takes from outside of the machine: HTTP, brokers, databases; each a Protocol and its nouns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from attrs import field, frozen

from podium.model.values import JsonValue


@frozen(kw_only=True)
class HttpRequest:
    """What an HTTP task sends."""

    method: str
    url: str
    headers: Mapping[str, str]
    #: The encoded body, or None.
    content: bytes | None
    connect_timeout_s: float
    read_timeout_s: float
    #: The address is encoded already, and is sent letter by letter.
    is_encoded: bool = False
    #: So many are sent at once; the first answer whose status is good counts, and the others are broken off.
    copies: int = 1
    is_good: Callable[[int], bool] = field(default=lambda status: 200 <= status < 300, eq=False)


@frozen(kw_only=True)
class HttpReply:
    """What came back."""

    status_code: int
    reason_phrase: str
    #: In the order sent; a name may come several times.
    headers: Sequence[tuple[str, str]]
    content: bytes
    encoding: str = "utf-8"


class HttpRefused(OSError):  # as all errors of this package that say what happened
    """A request that was not sent, or an answer that was not taken, and never will be: trying again is no use."""


class HttpSender(Protocol):
    """Sends HTTP requests."""

    async def send(self, request: HttpRequest) -> HttpReply:
        """
        Send a request and read the whole answer, following redirects.

        Raises:
            HttpRefused: The rules of this engine forbid the host, or the answer is larger than they allow.
            OSError: No answer came; the text says why.
        """


@frozen(kw_only=True)
class Record:
    """What a KAFKA_PUBLISH task publishes."""

    #: The addresses of brokers, ``host:port``, separated by commas.
    servers: str
    topic: str
    key: bytes
    value: bytes
    #: In order; a name may come several times.
    headers: Sequence[tuple[str, bytes]]
    #: Until it must be acknowledged.
    timeout_s: float


class ProducerRefused(OSError):
    """A record that cannot be published whatever is tried again: the library is missing, or its settings are wrong."""


class RecordProducer(Protocol):
    """Publishes records to Kafka. It may be used by several threads at once."""

    def produce(self, record: Record) -> None:
        """
        Publish a record; a broker has it when this returns.

        Raises:
            ProducerRefused: It cannot be tried again.
            OSError: No broker has acknowledged it in time, or it was refused; the text says why.
        """

    def close(self) -> None:
        """Free connections; closing twice is fine."""


class Statement(NamedTuple):
    """What a JDBC task asks of a database."""

    #: The name under which the engine knows it.
    database: str
    #: SQL with ``?`` for each parameter; ``??`` is a question mark.
    text: str
    parameters: Sequence[str | int | float | None]


class StatementRefused(OSError):
    """A statement that fails whatever is tried again."""


class WrongCount(OSError):
    """
    An update that would change another number of rows than was expected; nothing was changed.

    Attributes:
        count: How many rows it would be.
    """

    def __init__(self, count: int, expected: int) -> None:
        super().__init__(f"Update count {count} does not match with expected update count {expected}")
        self.count = count


class Databases(Protocol):
    """SQL databases by name. They may be used by several threads at once."""

    @property
    def names(self) -> Collection[str]:
        """The names of the databases that are there."""

    def select(self, statement: Statement) -> list[JsonValue]:
        """
        Return the rows that a statement gives, each an object by column, in a transaction of its own.

        Raises:
            StatementRefused: It fails whatever is tried again, or gives more rows than the database's limit.
            OSError: It failed; the text has the database's words.
        """

    def update(self, statement: Statement, expected: int) -> int:
        """
        Change rows in a transaction of its own; gives how many.

        Args:
            statement: The statement.
            expected: How many it must be; 0 for any number.

        Raises:
            WrongCount: It was another number. Nothing was changed.
            StatementRefused, OSError: As `select` has them. Nothing was changed.
        """

    def close(self) -> None:
        """Close connections; closing twice is fine."""
