"""Within which time an answer is due, in whose hours (SLA), who is reminded halfway, and how often it was kept."""
