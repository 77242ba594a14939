"""A look at an email, as emails/previewing.py has it."""

from emails.previewing import PREVIEW_POLICY, email_response, words_response

__all__ = ["PREVIEW_POLICY", "email_response", "words_response"]
