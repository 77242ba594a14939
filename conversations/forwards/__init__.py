"""Messages of a conversation forwarded by email: where one may go, its approval, its way out, what comes back to it."""
