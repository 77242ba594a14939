"""What this room shows on the page of a sign-up form: what became of its people, and its draft as they would see it."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from consent.models import FormVersion, SignUpForm
from consent.sign_up_forms.texts import texts_in
from delivery.senders import find_sender
from portal.signing_up.confirmation_emails import shown_address
from portal.signing_up.public_form import PublicForm
from portal.signing_up.quality import MEASURES, Cohort, cohorts_of, totals_of
from workspaces.requests import Request

STAYS = next(place for place, one in enumerate(MEASURES) if one.name == "is_there")
FEW = 20  # who confirmed: of fewer nothing is said in a sentence


def quality_panel(request: Request, form: SignUpForm) -> dict[str, Any]:
    """What became of who signed up by it, beside the workspace's other forms."""
    totals = totals_of(form)
    cohorts = cohorts_of(form) if totals.asked else []
    old = next((one for one in reversed(cohorts) if one.confirmed >= FEW), None)
    verdict, compared = _sentences(old)
    return {"totals": totals, "cohorts": cohorts, "verdict": verdict, "compared": compared}


def preview_panel(request: Request, subject: tuple[SignUpForm, FormVersion, str]) -> dict[str, Any]:
    """The draft in one language."""
    form, draft, language = subject
    texts, sender = texts_in(draft, language, form.language), find_sender()
    with translation.override(language):
        public = PublicForm(draft)
    return {
        "texts": texts,
        "gives": [line for line in texts["gives"].splitlines() if line.strip()],
        "public": public,
        "language": language,
        "has_sender": sender is not None,
        "comes_from": shown_address(sender),
    }


def _sentences(cohort: Cohort | None) -> tuple[str, str]:
    """The verdict, and the comparison that it rests on; "" where too few people tell of it."""
    share = cohort.shares[STAYS] if cohort else None
    if cohort is None or share is None or share.mine is None:
        return "", ""
    facts = {"days": cohort.days, "share": share.mine}
    if share.others is None:
        return "", _("After %(days)s days %(share)s %% are still there.") % facts
    apart = share.mine - share.others
    facts["points"] = abs(apart)
    if apart > 0:
        said = _("After %(days)s days %(share)s %% are still there, %(points)s points more than from your other forms.")
        return _("It brings people who stay."), said % facts
    if apart < 0:
        said = _("After %(days)s days %(share)s %% are still there, %(points)s points less than from your other forms.")
        return _("It brings people who leave sooner."), said % facts
    return "", _("After %(days)s days %(share)s %% are still there, as many as from your other forms.") % facts
