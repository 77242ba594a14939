"""News of segments; ecrm/flow.py says who hears it."""

from django.dispatch import Signal

# segment, entered: list[int], left: list[int]. Sent inside the transaction that moved them.
segment_moved = Signal()
