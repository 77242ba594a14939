"""Emails to one person because something happened: their templates, what occasions tell them, and sends by machines."""
