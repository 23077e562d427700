"""The templates: escaped always, strict about names."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from podium.server.insight.reasons import inner_reason
from podium.server.web import writing
from podium.server.web.assets import assets


@cache
def environment() -> Environment:
    """Return Jinja's environment with the filters and the globals of every template."""
    made = Environment(
        loader=PackageLoader("podium.server.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "length": writing.length,
        "moment": writing.moment,
        "iso": writing.iso,
        "size": writing.size,
        "len": len,
        "count": writing.count,
        "inner_reason": inner_reason,
        "look": writing.look,
        "pretty": writing.pretty,
        "segment": writing.segment,
        "length_of": len,  # "length" is that of time
    }
    made.globals |= {"static": lambda name: assets()[name].path, "address": writing.address, "asks": writing.asks}
    return made


def render(template: str, **names: Any) -> str:
    """Return a template with its names filled in."""
    return environment().get_template(template).render(**names)
