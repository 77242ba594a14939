"""What people write or say to us becomes mentions in conversations: once each, cleaned, followed when it changes."""
