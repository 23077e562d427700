"""What the buttons of a form ask for, done to what was sent: then the form is drawn again."""

from __future__ import annotations

from podium.server.web.forms.sources import MARKS, ROW, SentForm, number_in


def change(sent: SentForm, act: str) -> SentForm:
    """
    Return what was sent, changed as a button says.

    ========================  ======================================================================================
    act                       meaning
    ========================  ======================================================================================
    ``give:NAME``             let something that may be left out be there
    ``leave:NAME``            leave it out
    ``add:NAME``              one item more in a list
    ``row:NAME``              one row more in an object
    ``drop:NAME``             take an item or a row out: ``drop:input/lines/0``
    (else)                    nothing, such as for ``choose``: the form is drawn with what was chosen
    ========================  ======================================================================================
    """
    verb, _, name = act.partition(":")
    values = {key: list(each) for key, each in sent.values.items()}
    if verb == "give":
        values[f"given:{name}"] = ["1"]
    elif verb == "leave":
        values = {key: each for key, each in values.items() if not _is_in(key, name)}
        values[f"given:{name}"] = ["0"]
    elif verb in {"add", "row"}:
        mark, counted = ("count", name) if verb == "add" else ("rows", f"{name}/{ROW}")
        values[f"given:{name}"] = ["1"]
        values[f"{mark}:{name}"] = [str(_count(sent, mark, name, counted) + 1)]
    elif verb == "drop":
        values = _dropped(sent, name)
    return SentForm((key, each) for key, several in values.items() for each in several)


def _count(sent: SentForm, mark: str, name: str, counted: str) -> int:
    found = sent.last(f"{mark}:{name}")
    return sent.counts.get(counted, 0) if found is None else number_in(found)


def _dropped(sent: SentForm, name: str) -> dict[str, list[str]]:
    """Take an item out; those behind it move up."""
    parent, _, last = name.rpartition("/")
    is_row = last.startswith(ROW)
    mark, counted = ("rows", f"{parent}/{ROW}") if is_row else ("count", parent)
    gone = number_in(last.removeprefix(ROW))
    stem = f"{parent}/{ROW if is_row else ''}"
    found: dict[str, list[str]] = {}
    for key, values in sent.values.items():
        before, path = _parted(key)
        number, behind = _numbered(path, stem)
        if number is None or number < gone:
            found[key] = list(values)
        elif number > gone:
            found[f"{before}{stem}{number - 1}{behind}"] = list(values)
    found[f"{mark}:{parent}"] = [str(max(_count(sent, mark, parent, counted) - 1, 0))]
    found.setdefault(f"given:{parent}", ["1"])
    return found


def _parted(key: str) -> tuple[str, str]:
    """Return the mark before a name, with its colon, and the name."""
    mark, colon, name = key.partition(":")
    return (f"{mark}:", name) if colon and mark in MARKS else ("", key)


def _numbered(path: str, stem: str) -> tuple[int | None, str]:
    """Return the number behind a stem and what follows it; None if the path is no item of it."""
    if not path.startswith(stem):
        return None, ""
    number, slash, behind = path[len(stem) :].partition("/")
    return (int(number), slash + behind) if number.isascii() and number.isdecimal() and len(number) < 9 else (None, "")


def _is_in(key: str, name: str) -> bool:
    _, path = _parted(key)
    return path == name or path.startswith(f"{name}/")
