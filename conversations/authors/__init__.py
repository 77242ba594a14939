"""Who wrote to us: strangers and their accounts, which contact they are, how that is said, proven and taken back."""
