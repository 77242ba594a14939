"""There is a consent that has not expired; a no is the next step's matter."""

from datetime import datetime

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from consent.eligibility import Eligibility
from consent.models import Basis, Consent
from consent.steps.base import PURPOSEFUL, GateStep, Reason, day

GIVEN, NEVER_GIVEN, EXPIRED = _("Consent given"), _("No consent for this"), _("The consent has expired")


class ConsentStep(GateStep):
    order = 60
    code = "no_consent"
    classes = PURPOSEFUL
    passed = _("Was asked, and answered")

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        if person.word_state is None:
            return self.refuse(NEVER_GIVEN)
        if person.word_lapsed:
            return self.refuse(EXPIRED, detail=day(person.word_at))
        if person.word_state == Consent.State.WITHDRAWN:
            return self.passes
        proof = _proof(person.word_basis or "", person.word_source or "", person.word_at)
        return Reason(self.code, GIVEN, None, True, proof)


def _written_proof(basis: str, source: str, moment: datetime | None) -> str:
    label = str(Basis(basis).label) if basis in Basis.values else ""
    return ", ".join(part for part in (label, source, str(day(moment))) if part)


_proof = lazy(_written_proof, str)
