"""Sending forms as a browser without scripts does."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from web_story import Story


def posted(story: Story, path: str, form: Mapping[str, str]) -> httpx.Response:
    """Send a form of one of our pages."""
    with httpx.Client(base_url=story.server.url) as browser:
        browser.get("/")
        return browser.post(path, data={**form, "csrf": browser.cookies["podium_csrf"]})
