"""The builder: a rule that is not saved yet, step by step."""
