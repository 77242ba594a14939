"""What people are interested in: what speaks for it, what they say themselves, and how it is read."""
