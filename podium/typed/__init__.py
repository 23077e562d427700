"""
Values of declared types: what annotations say, and how such values are written to JSON and read from it.

Authoring holds the author's values against it, workers read their inputs and write their outputs by it.
"""
