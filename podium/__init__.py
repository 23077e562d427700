"""
Podium: durable workflow orchestration in Python.

Write workflows as Python objects; they compile to Conductor's canonical JSON, run durably, and draw themselves.
"""

from __future__ import annotations
