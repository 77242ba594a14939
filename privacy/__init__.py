"""The privacy desk: what people ask by law, the clock, the package, the erasure."""
