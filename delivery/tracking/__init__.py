"""Opens and clicks: recorded once each, people's told from machines', and only as far as somebody allowed."""
