"""The ingestion API, after the Segment HTTP spec: existing clients work by changing their host."""
