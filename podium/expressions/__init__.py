"""Expressions at run time: ``${...}`` templates, scripts, jq and secrets."""
