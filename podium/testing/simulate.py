"""The program ``python -m podium.testing.simulate``: the engine under faults, seed by seed (`podium.testing.seeds`)."""

from __future__ import annotations

from podium.testing.seeds import main

if __name__ == "__main__":
    raise SystemExit(main())
