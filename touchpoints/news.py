"""What others may hear from the ledger."""

from django.dispatch import Signal

# batch: touchpoints.recording.Recorded, sent inside the recording transaction, once for a whole batch. The rows
# stand in the temporary table touchpoints_fresh while the receivers run.
touchpoints_recorded = Signal()
