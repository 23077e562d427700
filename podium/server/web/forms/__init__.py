"""
Forms of JSON Schemas: a schema becomes fields, what was typed into them becomes a JSON value.

Pure: schema and texts in, values out; the templates draw a `Field` by its `FieldKind`. `draw` makes a form that shows a
value, `read` one of what a browser sent; `redraw` does what the buttons of a form ask for (one row more, one less, …).
"""

from __future__ import annotations

from podium.server.web.forms.fields import Field, FieldKind, Form, Option
from podium.server.web.forms.inferring import answer_schema_of, input_schema_of, schema_data
from podium.server.web.forms.making import draw, read, redraw
from podium.server.web.forms.sources import SentForm

__all__ = [
    "Field",
    "FieldKind",
    "Form",
    "Option",
    "SentForm",
    "answer_schema_of",
    "draw",
    "input_schema_of",
    "read",
    "redraw",
    "schema_data",
]
