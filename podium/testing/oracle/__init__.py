"""
Recordings of what the official server made of workflows, played again on this engine.

Run it as ``python -m podium.testing.oracle RECORDING``. A recording says which workflow was run, what its workers
answered, and how the runs ended; a difference is either explained by a rule, which names a row of
``docs/differences.md``, or it is a fault.
"""
