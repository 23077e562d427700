"""Peers of the field on the same chain, each in a virtual environment of its own."""
