"""The API's operations about permission: what people said, with the proof; addresses that are never written to."""
