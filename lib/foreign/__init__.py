"""What strangers wrote, before anything believes it: JSON, texts, feeds and emails, bounded and made harmless."""
