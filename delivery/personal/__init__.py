"""Emails that one of us writes to one person: from their page, by the workspace's sender, through the gate as all."""
