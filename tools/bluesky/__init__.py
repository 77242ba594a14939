"""Bluesky's own network on this machine, for the tests that ask whether it is as we believe."""
