"""Nouns: definitions, runs, statuses, errors; the canonical JSON codec. Imports nothing else of Podium."""
