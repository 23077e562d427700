"""What is loaded when it is first used."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from podium.model.later import later

_MODULE = "podium_test_loaded_slowly"


def test_who_asks_while_another_thread_loads_a_module_waits_for_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that is loaded half is shown to nobody else."""
    begun, may_end = threading.Event(), threading.Event()
    code = "import threading\nthreading.begun.set()\nthreading.may_end.wait(30)\nanswer = 42\n"
    (tmp_path / f"{_MODULE}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(threading, "begun", begun, raising=False)
    monkeypatch.setattr(threading, "may_end", may_end, raising=False)
    module = later(_MODULE)
    try:
        with ThreadPoolExecutor(2) as threads:
            first = threads.submit(lambda: module.answer)
            assert begun.wait(30)
            second = threads.submit(lambda: module.answer)
            wait([second], timeout=0.05)  # whoever does not wait has failed by then
            may_end.set()
            assert (first.result(), second.result()) == (42, 42)
    finally:
        may_end.set()
        sys.modules.pop(_MODULE, None)
