"""Stores of runs: the contract `podium.engine.ports.Backend` made real. `podium.backends.loader` opens one by URL."""
