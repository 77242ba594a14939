"""Pages about how emails look: the brand kit, pictures."""
