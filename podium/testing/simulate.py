"""
The program ``python -m podium.testing.simulate``: the engine under faults, seed by seed (`podium.testing.seeds`).

The function `podium.testing.simulate` has the same name; whoever imports this module gets that.
"""

from __future__ import annotations

import sys

if __name__ == "__main__":
    from podium.testing.seeds import main

    raise SystemExit(main())

from podium.testing.stepper import simulate

sys.modules[__name__] = simulate  # type: ignore[assignment]  # so the import system never hides the function
