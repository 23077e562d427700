"""Podium's speed, measured as docs/performance.md reports it: ``python -m benchmarks``."""
