"""The program ``dot`` of Graphviz: whether it is there, and what it makes of DOT text."""

from __future__ import annotations

import shutil
import subprocess  # Graphviz is a program, not a library

from podium.model.errors import RenderError

#: Seconds after which a layout is given up: a picture that takes longer is of no use to anybody.
TIMEOUT_S = 60.0

HOW_TO_GET = (
    "Install Graphviz: apt install graphviz, brew install graphviz, winget install graphviz, "
    "or https://graphviz.org/download/"
)


def find_dot() -> str | None:
    """Return the path of ``dot``, or None if it is not on the PATH."""
    return shutil.which("dot")


def run_dot(text: str, output: str, *, timeout_s: float = TIMEOUT_S) -> bytes:
    """
    Draw DOT text.

    Args:
        text: The graph.
        output: ``svg``, ``png`` or ``pdf``.
        timeout_s: Seconds to wait at most.

    Raises:
        RenderError: ``dot`` is missing (the message says how to get it), failed, or took too long.
    """
    program = find_dot()
    if program is None:
        raise RenderError(
            f"a {output.upper()} picture needs the program dot of Graphviz, which is not on the PATH. {HOW_TO_GET}; "
            "or write .svg, .mmd, .dot or .txt, which need nothing"
        )
    # Twice the 72 dpi of paper, so that a bitmap's text is as sharp as the screens of today.
    command = [program, f"-T{output}", *(["-Gdpi=144"] if output == "png" else [])]
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and our own text on standard input
            command, input=text.encode(), capture_output=True, timeout=timeout_s, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RenderError(f"dot took more than {timeout_s:g} s for this picture and was stopped") from error
    except OSError as error:
        raise RenderError(f"dot at {program} cannot be run: {error}") from error
    if done.returncode or not done.stdout:
        raise RenderError(f"dot failed: {done.stderr.decode(errors='replace').strip() or 'it wrote nothing'}")
    return done.stdout
