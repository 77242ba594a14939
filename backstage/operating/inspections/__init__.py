"""The inspections of `doctor`, one module per thing that can be ill."""
