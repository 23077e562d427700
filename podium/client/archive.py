"""Runs as lines of JSON in compressed files: what is kept of them when they leave the store."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO

import orjson
from attrs import evolve

from podium.engine.reader import Reader
from podium.model.codec import from_json, to_dict
from podium.model.errors import DefinitionError, InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.texts import shown
from podium.model.values import JsonValue

_SUFFIX = ".jsonl.gz"


class Archive:
    """
    A file to which runs are added, and which is made with the first one.

    Args:
        place: A name that ends with ``.gz``, of a file that is not there yet; or a folder, which is made if need be and
            gets a file with a name of its own.

    Raises:
        InvalidRequest: There is such a file, or the name is that of a file that is not compressed.
    """

    def __init__(self, place: str | os.PathLike[str]) -> None:
        if not isinstance(place, str | os.PathLike) or "\0" in os.fspath(place):
            raise InvalidRequest(f"archive: the path of a file or a folder is expected, not {shown(place)}")
        self._place = Path(place)
        self._file: BinaryIO | None = None
        if self._place.suffix == ".gz":
            if self._place.exists():
                raise InvalidRequest(f"{self._place} is there already; name a new file, or a folder for many of them")
        elif self._place.suffix in {".json", ".jsonl"} or self._place.is_file():
            raise InvalidRequest(f"an archive is compressed: name it such as {self._place.stem}{_SUFFIX}, or a folder")

    def add(self, runs: Iterable[WorkflowRun]) -> None:
        """
        Write runs, all of them durably when it returns.

        Raises:
            InvalidRequest: The file cannot be made or written; the disk may be full.
        """
        import gzip  # few programs need it, and a cold start is short

        lines = [orjson.dumps(to_dict(run)) for run in runs]
        if self._file is None:
            self._file = self._made()
        # A part for each call, so that what breaks off harms none before it.
        try:
            self._file.write(gzip.compress(b"\n".join([*lines, b""])))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise InvalidRequest(
                f"the archive {self._file.name} cannot be written: {error.strerror}; what is not in it is not deleted"
            ) from error

    def _made(self) -> BinaryIO:
        try:
            if self._place.suffix == ".gz":
                return _new(self._place)
            self._place.mkdir(parents=True, exist_ok=True)
            name = time.strftime("runs-%Y%m%dT%H%M%SZ", time.gmtime())
            for number in count(1):
                try:
                    return _new(self._place / f"{name}-{number}{_SUFFIX}")
                except FileExistsError:
                    continue  # another process's, of the same second
        except OSError as error:
            raise InvalidRequest(f"no archive can be made at {self._place}: {error.strerror}") from error
        raise AssertionError

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _new(path: Path) -> BinaryIO:
    file = path.open("xb")
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # else the name may be lost with the power
    finally:
        os.close(folder)
    return file


def whole_run(reader: Reader, run_id: str) -> WorkflowRun:
    """
    Return a run as it is archived: as everybody is shown it, and each attempt with its log lines, as ``logs``.

    Raises:
        RunNotFound: No run has this id.
    """
    run = reader.run(run_id)
    tasks = []
    for task in run.tasks:
        lines: list[JsonValue] = [to_dict(line) for line in reader.logs(task.task_id)]
        tasks.append(evolve(task, extra={**task.extra, "logs": lines}) if lines else task)
    return evolve(run, tasks=tuple(tasks))


def read_archive(place: str | os.PathLike[str]) -> Iterator[WorkflowRun]:
    """
    Yield the runs of an archive, in the order in which they were written; of a folder, file by file.

    Each is what ``client.get`` gave: it can be looked at, drawn and played back. What an attempt has logged is in its
    ``extra["logs"]``. A run stands twice in it if the process that pruned died between writing and deleting, or two
    pruned at once.

    Args:
        place: A file, or a folder of such files.

    Raises:
        InvalidRequest: There is no such file, or it is no archive.

    Example:
        >>> import tempfile
        >>> list(read_archive(tempfile.mkdtemp()))
        []
    """
    import gzip  # as above

    path = Path(place)
    for each in sorted(path.glob(f"*{_SUFFIX}")) if path.is_dir() else [path]:
        try:
            with gzip.open(each) as lines:
                for line in lines:
                    yield from_json(line, WorkflowRun)
        except EOFError:
            continue  # the process died while it wrote; what it had not written it had not deleted
        except (OSError, DefinitionError) as error:
            raise InvalidRequest(f"{each} is no archive of runs: {error}") from error
