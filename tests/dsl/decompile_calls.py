"""What the tests of generated source share: run it, compare what it builds, ask the checkers."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from podium.decompile import to_python
from podium.dsl import Workflow
from podium.model import codec
from podium.model.definitions import WorkflowDef

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions"
FILES = sorted(CORPUS.glob("*.json"))


def run_source(source: str, name: str = "generated_source") -> ModuleType:
    """Return the module that a source makes."""
    module = ModuleType(name)
    sys.modules[name] = module  # annotations are looked up there
    try:
        exec(compile(source, f"<{name}>", "exec"), module.__dict__)
    finally:
        del sys.modules[name]
    return module


def last_workflow(module: ModuleType) -> Workflow[..., Any]:
    """Return the workflow that a module defines last: the one it is about."""
    found: list[Workflow[..., Any]] = [value for value in vars(module).values() if isinstance(value, Workflow)]
    return found[-1]


def sorted_json(definition: WorkflowDef) -> str:
    """Return a text that is equal for equal definitions only: key order does not count, 1 and 1.0 and true differ."""
    return json.dumps(codec.to_dict(definition), sort_keys=True)


def rebuilt(definition: WorkflowDef, **options: Any) -> str:
    """Decompile a definition, check that the source builds it again, and give the source."""
    source = to_python(definition, **options)
    again = last_workflow(run_source(source)).definition
    assert sorted_json(again) == sorted_json(definition)
    return source


def uses_of(word: str, source: str) -> int:
    """Count the calls of a name."""
    return len(re.findall(rf"(?<![\w.\"']){re.escape(word)}\(", source))


def complaints(*command: str) -> str:
    """Run a checker of this Python; give what it complains of, empty if it is content."""
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr
