"""Figures, each with the command that prints it: `python -m bench` runs all, `python -m bench recording` one."""
