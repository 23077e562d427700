"""What a browser sends of a form that nobody changed: what the templates write of its fields."""

from __future__ import annotations

from collections.abc import Iterator

from podium.server.web.forms import Field, FieldKind
from podium.server.web.forms.sources import SentForm


def sent_of(field: Field, **typed: str) -> SentForm:
    """
    Return what a browser sends of a form.

    Args:
        field: Its root.
        typed: What is typed instead, by the field's name with ``__`` for a slash, such as ``input__n="3"``.
    """
    changed = {name.replace("__", "/"): text for name, text in typed.items()}
    pairs = [(name, changed.pop(name, text)) for name, text in _pairs(field)]
    return SentForm([*pairs, *changed.items()])


def _pairs(field: Field) -> Iterator[tuple[str, str]]:
    name = field.name
    if field.is_raw:
        yield f"raw:{name}", "1"
    if field.kind is FieldKind.VARIANT:
        yield f"choice:{name}", field.text
    elif field.kind in {FieldKind.OBJECT, FieldKind.LIST}:
        yield f"given:{name}", "1" if field.is_given else "0"
    if field.kind is FieldKind.LIST:
        yield f"count:{name}", str(len(field.fields))
    if field.kind is FieldKind.OBJECT:
        yield f"rows:{name}", str(len(field.rows))
        if field.rest is not None:
            yield f"rest:{name}", field.rest
    if field.kind is FieldKind.MANY:
        yield name, ""
        yield from ((name, str(at)) for at in sorted(field.chosen))
    elif field.kind is not FieldKind.FIXED and field.kind not in {FieldKind.OBJECT, FieldKind.LIST, FieldKind.VARIANT}:
        yield name, field.text
    for row in field.rows:
        yield f"key:{row.name}", row.key
    for each in (*field.fields, *field.rows):
        yield from _pairs(each)
