"""Everybody at a company is found by its new name, and what follows from where they are follows."""

from django.utils.translation import gettext as _

from contacts.companies.following import follow_some
from contacts.long_changes.base import LongKind, Piece
from contacts.long_changes.beginning import COMPANY
from contacts.models import Company, LongChange


class FollowCompany(LongKind):
    name = COMPANY

    def make(self, change: LongChange, most: int) -> Piece:
        people = follow_some(change.argument["company"], after_id=change.after_id, most=most)
        return Piece(len(people), people[-1] if len(people) == most else None)

    def said(self, change: LongChange) -> str:
        company = Company.objects.filter(pk=change.argument["company"]).first()
        return _("Search and segments learn the name “%(name)s”") % {"name": company.name if company else ""}
