"""Who is in a segment: filled, looked at again, counted over time."""
