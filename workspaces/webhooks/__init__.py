"""Webhooks: addresses of a workspace's own that are sent its events, signed as Standard Webhooks says, until they take them."""
