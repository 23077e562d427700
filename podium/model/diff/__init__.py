"""What differs between two definitions, step by step: pure, definitions in, a value out."""
