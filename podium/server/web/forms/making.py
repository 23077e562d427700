"""What others call: a form that shows a value, and one that was filled in."""

from __future__ import annotations

from podium.expressions.schemas import located_faults
from podium.model.values import JsonValue
from podium.server.web.forms.changing import change
from podium.server.web.forms.drawing import draw_fields
from podium.server.web.forms.fields import Form
from podium.server.web.forms.sources import SentField, SentForm, ValueField
from podium.server.web.forms.values import FAULTS_MAX, form_of


def draw(schema: JsonValue, value: JsonValue = None, *, name: str = "input") -> Form:
    """
    Return a form that shows a value.

    Args:
        schema: A JSON Schema, draft 7 or 2020-12; one that cannot be read gives a form for JSON text.
        value: What stands in it; None for what the schema has as defaults.
        name: What the browser calls it.

    Example:
        >>> form = draw({"type": "object", "properties": {"n": {"type": "integer", "default": 3}}})
        >>> [(field.name, field.kind.value, field.text) for field in form.root.fields]
        [('input/n', 'integer', '3')]
    """
    root = draw_fields(schema, ValueField(name) if value is None else ValueField(name, value))
    return Form(root=root, value=form_of(root, lambda _: []).value)


def read(schema: JsonValue, sent: SentForm, *, name: str = "input", is_enforced: bool = True) -> Form:
    """
    Return the form as it was sent, with its value and with what is wrong with it.

    Args:
        schema: As for `draw`.
        sent: What the browser sent.
        name: What the browser calls it.
        is_enforced: False to say nothing of values that the schema does not allow.

    Example:
        >>> schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
        >>> read(schema, SentForm([("input/n", "2")])).value
        {'n': 2}
        >>> [error for _, error in read(schema, SentForm([("input/n", "0")])).all_errors()]
        ['0 is less than the minimum of 1']
    """
    root = draw_fields(schema, SentField(name, sent))
    judged = schema if is_enforced and isinstance(schema, dict) else {}
    return form_of(root, lambda value: located_faults(judged, value, FAULTS_MAX))


def redraw(schema: JsonValue, sent: SentForm, act: str, *, name: str = "input") -> Form:
    """
    Return the form as a button of it asks for, with what was typed so far; faults are told when it is sent.

    What cannot be read at all is told at once where fields become JSON or JSON becomes fields.

    Args:
        schema: As for `draw`.
        sent: What the browser sent.
        act: What the button says: ``raw:NAME`` for the whole as JSON, ``fields:NAME`` back to fields, or see `change`.
        name: What the browser calls the form.
    """
    form = read(schema, sent, name=name, is_enforced=False)
    if act == f"raw:{name}":
        if any(field is not None and field.text for field, _ in form.all_errors()):
            return form  # what was typed there would be lost; what is merely missing is left out
        return Form(root=draw_fields(schema, ValueField(name, form.value, is_raw=True)), value=form.value)
    if act == f"fields:{name}":
        return draw(schema, form.value, name=name) if form.is_right else form
    root = draw_fields(schema, SentField(name, change(sent, act)))
    return Form(root=root, value=form_of(root, lambda _: []).value)
