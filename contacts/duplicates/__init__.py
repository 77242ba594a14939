"""Contacts that may be one person: found by what they share, weighed by how rare that is, decided by people."""
