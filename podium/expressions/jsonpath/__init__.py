"""JSONPath as Conductor's library has it: Jayway's json-path 2.9.0, with limits."""
