"""Conversations that become one, are parted again, or split; and whose state, drafts and threads then count."""
