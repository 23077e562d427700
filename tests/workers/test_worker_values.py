"""Values that JSON has not: what one task returns, the next one reads; what has no spelling is refused."""

from __future__ import annotations

import collections
import enum
import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import attrs
import pytest
from pydantic import BaseModel, Secret, SecretBytes, SecretStr, field_serializer

from podium.dsl import task, workflow
from podium.dsl.schemas import schema_of
from podium.model.assignments import Report
from podium.model.statuses import TaskStatus
from podium.typed.plain import UnwritableError, written
from podium.typed.reading import reader_of
from podium.typed.scalars import WrongValueError

RunOne = Callable[..., Report]


class Shade(enum.Enum):
    GREY = (1, 2)
    HALF = Decimal("0.5")
    DAY = date(2026, 1, 1)
    ONE = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Span(NamedTuple):
    low: Decimal
    high: Decimal = Decimal(9)


@attrs.frozen
class Folder:
    path: Path
    lines: deque[str]
    spans: Mapping[str, Span]


@pytest.mark.parametrize(
    ("hint", "value", "spelling"),
    [
        (Path, Path("/data/in"), "/data/in"),
        (PurePosixPath, PurePosixPath("in"), "in"),
        (bytes, b"\xff\x00", "/wA="),
        (bytearray, bytearray(b"a"), "YQ=="),
        (dict[str, bytes], {"a": b""}, {"a": ""}),
        (deque[int], deque([1, 2]), [1, 2]),
        (frozenset[Decimal], frozenset({Decimal("1.50")}), ["1.50"]),
        (timedelta, timedelta(minutes=1), 60),
        (datetime, datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00+00:00"),
        (Shade, Shade.GREY, [1, 2]),
        (Shade, Shade.HALF, "0.5"),
        (Shade, Shade.DAY, "2026-01-01"),
        (Right, Right.READ | Right.WRITE, 3),
        (Span, Span(Decimal("1.0")), ["1.0", "9"]),
        (collections.Counter[str], collections.Counter("aab"), {"a": 2, "b": 1}),
        (dict[int, str], {1: "a"}, {"1": "a"}),
        (dict[bool, int], {True: 1}, {"true": 1}),
        (dict[date, int], {date(2026, 1, 1): 1}, {"2026-01-01": 1}),
        (dict[UUID, int], {UUID(int=1): 1}, {str(UUID(int=1)): 1}),
        (dict[Shade, int], {Shade.ONE: 1, Shade.HALF: 2}, {"1": 1, "0.5": 2}),
        (
            Folder,
            Folder(Path("/a"), deque(["b"]), {"c": Span(Decimal(1), Decimal(2))}),
            {"path": "/a", "lines": ["b"], "spans": {"c": ["1", "2"]}},
        ),
    ],
)
def test_what_is_read_is_written_in_the_same_way(hint: Any, value: Any, spelling: Any) -> None:
    """A value comes back as it was, nested ones too."""
    assert written(value, "it") == spelling
    back = reader_of(hint)(written({"x": value}, "it")["x"], hint)
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "spelling"),
    [(range(3), [0, 1, 2]), ({"b": 1, "a": 2}.keys(), ["b", "a"]), ({"a": 1}.values(), [1]), ({3, 1}, [1, 3])],
)
def test_rows_of_any_kind_are_lists(value: object, spelling: object) -> None:
    """Whatever has an order keeps it; sets get one."""
    assert written(value, "it") == spelling


def test_paths_and_bytes_have_a_schema() -> None:
    """A text, as they are written."""
    assert schema_of(Path) == schema_of(str)
    assert schema_of(bytes) == {**schema_of(str), "contentEncoding": "base64"}


def test_paths_and_bytes_travel_through_a_run() -> None:
    """As inputs of the run, as literals in it, between tasks and as its result."""

    @task(retries=0)
    def double(data: bytes, path: Path) -> bytes:
        assert isinstance(path, Path)
        return data * 2

    @workflow
    def flow(data: bytes, path: Path) -> bytes:
        first = double(data, path)
        return double.as_("again")(first.output, Path("/in")).output

    assert flow.run(data=b"\xff", path=Path("/a")).output == {"result": "/////w=="}


class _Number:
    """What a number of numpy looks like."""

    ndim = 0

    def __init__(self, value: Any, kind: str) -> None:
        self._value = value
        self._kind = kind

    @property
    def dtype(self) -> Any:
        return collections.namedtuple("dtype", "kind")(self._kind)  # noqa: PYI024  # no more than this

    def item(self) -> Any:
        return self._value

    def tolist(self) -> Any:
        return self._value


def test_the_scalars_of_numpy_are_refused_with_words() -> None:
    """Where they are no numbers of Python's own; the words say what is one."""
    for value in (_Number(3, "i"), _Number(0.5, "f"), _Number(1, "M")):
        with pytest.raises(
            UnwritableError, match=r"a is a value of type _Number .*; give Python's own value.*\.item\(\)"
        ):
            written({"a": value}, "it")


def test_the_scalars_of_numpy_itself_are_refused() -> None:
    """All but its float64, which is a float of Python's."""
    numpy = pytest.importorskip("numpy")
    assert written({"a": numpy.float64(0.5)}, "it") == {"a": 0.5}
    for value in (numpy.int64(3), numpy.float32(0.5), numpy.bool_(True)):  # noqa: FBT003  # a value like any other
        with pytest.raises(UnwritableError, match=r"give Python's own value, which its \.item\(\) is"):
            written({"a": value}, "it")
    with pytest.raises(UnwritableError, match=r"write its \.tolist\(\)"):
        written({"a": numpy.zeros(3)}, "it")


def test_two_keys_that_are_one_text_are_refused() -> None:
    """Neither of the two values may be lost."""
    with pytest.raises(UnwritableError, match="two keys in a are both '1' in JSON"):
        written({"a": {1: "one", "1": "another"}}, "it")
    with pytest.raises(UnwritableError, match="the key nan in a cannot be written"):
        written({"a": {float("nan"): 1}}, "it")


class Login(BaseModel):
    user: str
    password: SecretStr


class Keys(BaseModel):
    logins: list[Login] = []
    key: SecretBytes = SecretBytes(b"")
    birthday: Secret[date] | None = None


class Opened(BaseModel):
    password: SecretStr

    @field_serializer("password", when_used="json")
    def _open(self, value: SecretStr) -> str:
        return value.get_secret_value()


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (Login(user="ann", password=SecretStr("open")), "the result.password is a SecretStr"),
        ({"found": Login(user="ann", password=SecretStr("open"))}, "found.password is a SecretStr"),
        ({"a": [SecretStr("open")]}, r"a\[0\] is a SecretStr"),
        (Keys(logins=[Login(user="ann", password=SecretStr("open"))]), r"the result.logins\[0\].password is a Secret"),
        (Keys(key=SecretBytes(b"open")), "the result.key is a SecretBytes"),
        (Keys(birthday=Secret(date(2000, 1, 1))), "the result.birthday is a Secret"),
    ],
)
def test_a_secret_is_refused_and_never_written_as_stars(report_of: RunOne, value: Any, place: str) -> None:
    """The next task would take the mask for the password."""

    @task
    def find() -> Any:
        return value

    report = report_of(find)

    assert report.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert re.match(place, report.reason or "")
    assert "open" not in (report.reason or "")


def test_a_secret_that_the_model_itself_opens_is_written(report_of: RunOne) -> None:
    """Then the author wants it; and an empty secret hides nothing."""

    @task
    def find(key: SecretStr) -> Opened:
        return Opened(password=key)

    assert report_of(find, {"key": "open"}).output == {"password": "open"}
    assert written(Keys(), "it") == {"logins": [], "key": "", "birthday": None}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ((x for x in [1]), r"make a list of it: list\(\.\.\.\)"),
        (map(str, [1]), r"make a list of it: list\(\.\.\.\)"),
        (1j, r"\(1j\)"),
        (object(), r"\(<object object>\)"),
    ],
)
def test_what_has_no_spelling_is_refused_with_advice(value: object, said: str) -> None:
    """The text says what to do, without addresses of memory."""
    with pytest.raises(UnwritableError, match=f"^the result is a value of type .*{said}"):
        written(value, "the result")


def test_keys_that_are_one_in_python_are_refused() -> None:
    """``1.0`` and ``1.00`` are different texts and the same decimal: one of the values would be lost."""
    with pytest.raises(WrongValueError, match="an object with different keys is expected"):
        reader_of(dict[Decimal, int])({"1.0": 1, "1.00": 2}, dict[Decimal, int])
