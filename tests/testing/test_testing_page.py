"""The tests on the page about testing are tests: pytest runs them, and they pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
_FILE = re.compile(r"^```python\n# (\w+\.py)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    """A newcomer who types them sees what the page says."""
    for name, source in _FILE.findall(PAGE.read_text(encoding="utf-8")):
        (pytester.path / name).write_text(source, encoding="utf-8")
    result = pytester.runpytest_inprocess("-p", "podium.testing.plugin", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["*podium coverage*", "order version 1 * 2/2 * 5/5"])
