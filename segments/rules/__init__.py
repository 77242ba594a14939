"""Rules: from a tree of conditions to SQL, measured and explained."""
