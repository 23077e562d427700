"""
The whole engine in a simulated world: one thread, one seeded chooser, virtual time.

Engine processes share a store that fails; workers are slow, late, forgetful and repeat themselves; processes die in
the middle of a commit; operators interfere. After each step the ledger has checked what was committed. Then everything
heals, and every run must end (`play`).
"""
