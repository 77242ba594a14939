"""Do the tests die of a wrong line? A seeded sample of mutants, each run against the tests that run its line.

`python -m tools.mutants cover` runs the tests once and keeps which of them run which line and which .sql file;
`python -m tools.mutants run --seed 2026 --count 400` makes the sample and says which mutants survive;
`python -m tools.mutants show 17` shows one. Python is mutated by cosmic-ray, SQL by rules of sql_mutations.py.
"""
