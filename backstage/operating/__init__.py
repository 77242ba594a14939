"""What operators do: checking an installation, backing it up, restoring it."""
