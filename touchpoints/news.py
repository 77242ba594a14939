"""What others may hear from the ledger."""

from lib.news import News

# batch: touchpoints.recording.Recorded, told inside the recording transaction, once for a whole batch.
touchpoints_recorded = News("touchpoints_recorded", "batch")
# batch: touchpoints.correcting.Corrected, told inside the correcting transaction: how each fact counted, how it counts.
touchpoints_corrected = News("touchpoints_corrected", "batch")
