"""How tests call the command line."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TypeAlias

from typer.testing import Result

#: Calls ``podium`` in this process: the words, perhaps ``stdin=``.
Podium: TypeAlias = Callable[..., Result]

#: Starts ``podium`` as a process of its own.
Start: TypeAlias = Callable[..., "subprocess.Popen[str]"]

#: Seconds to wait for a process.
PATIENCE_S = 60.0
