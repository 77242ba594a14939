"""A believable brand to look at: invented people, a year of history, deterministic, dated relative to today."""
