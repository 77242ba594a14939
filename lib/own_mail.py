"""Emails that the product writes by itself to one person: links, notices, receipts. Nobody's away note answers them."""

from collections.abc import Sequence

from django.core.mail import EmailMessage

BY_ITSELF = {"Auto-Submitted": "auto-generated"}  # RFC 3834
NamedFile = tuple[str, str, str]  # its name, what it holds, its type


def send_mail(subject: str, body: str, to: str, *, files: Sequence[NamedFile] = ()) -> None:
    """Send it now, from the installation's own address. OSError (smtplib's errors are such) where no server takes it."""
    EmailMessage(subject, body, None, [to], attachments=list(files), headers=BY_ITSELF).send()
