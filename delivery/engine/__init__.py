"""The one engine that sends: a message planned as chunks, each leased, asked of the gate, written in a journal, finished once."""
