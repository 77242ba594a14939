"""What a chunk of rows says about consent, written down: a yes only with positive evidence, every no at once."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from consent.consenting import give_all, withdraw_all
from consent.eligibility import read_eligibilities, who_refused
from consent.models import Consent, Suppression, Topic
from consent.suppressing import suppress_all
from consent.tracking import say_tracking_for_all
from contacts.channels import Channel
from contacts.loading import Key
from contacts.models import Identity
from imports.drafts import Draft
from imports.judging import STOPS, Word
from imports.models import ImportRun
from workspaces.tracking_mode import TrackingMode

Reason = Suppression.Reason
LISTED_AS = {Word.BOUNCED: Reason.BOUNCE, Word.COMPLAINED: Reason.COMPLAINT, Word.OPTED_OUT: Reason.OBJECTION}
Changes = dict[int, list[str]]


def write_consents(
    run: ImportRun,
    drafts: Sequence[Draft],
    people: dict[int, int],
    own: dict[int, set[Key]],
    is_new: set[int],
    stops: dict[str, str],
    changes: Changes,
) -> None:
    """Opt-outs that the rows name, and consents that the run proves. Nobody's no is overruled.

    A no about the topic takes back a yes that stands; a word that was not understood gives none and takes none back.
    """
    topic = _topic_of(run)
    _write_stops(run, drafts, people, changes)
    if run.tracking is not None:
        _write_tracking(run, run.tracking, drafts, people, is_new, changes)
    _take_back(run, [draft for draft in drafts if draft.line not in is_new], people, topic, changes)
    wanted = []
    for draft in drafts:
        why_not = _why_not(draft, topic, own[draft.line], stops)
        if why_not is None:
            wanted.append(draft)
        elif why_not or draft.proofs:
            _note_proofs(draft, why_not)
    if topic is None:
        return
    given: set[int] = set()
    for are_new in (True, False):
        some = [draft for draft in wanted if (draft.line in is_new) is are_new]
        said = [(people[d.line], d.opted_in_at, d.opted_in_ip) for d in some]
        given |= give_all(said, topic=topic, basis=run.basis, wording=run.proof, source=run.source, are_new=are_new)
    words = _("consent: %(topic)s") % {"topic": topic.name}
    for draft in wanted:
        if people[draft.line] in given and draft.line not in is_new:
            changes.setdefault(draft.line, []).append(words)
    _note_standing([draft for draft in wanted if people[draft.line] not in given], people, topic)


def _write_tracking(
    run: ImportRun, mode: int, drafts: Sequence[Draft], people: dict[int, int], is_new: set[int], changes: Changes
) -> None:
    """How far they let us measure, of everybody in the file who has said nothing about it. An opt-out allows nothing."""
    for are_new in (True, False):
        some = [draft for draft in drafts if (draft.line in is_new) is are_new]
        ids = {people[draft.line] for draft in some if mode == TrackingMode.NONE or draft.word not in STOPS}
        added = say_tracking_for_all(ids, mode, wording=run.proof, source=run.source, are_new=are_new)
        for draft in some:
            if not are_new and people[draft.line] in added:
                words = _("measuring: %(what)s") % {"what": TrackingMode(mode).label}
                changes.setdefault(draft.line, []).append(words)


def write_noes(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], changes: Changes) -> None:
    """The opt-outs of these rows and nothing else, of people who are known already. May be repeated."""
    _write_stops(run, drafts, people, changes)
    _take_back(run, drafts, people, _topic_of(run), changes)


def _topic_of(run: ImportRun) -> Topic | None:
    return Topic.objects.filter(key=run.topic_key).first() if run.topic_key else None


def _why_not(draft: Draft, topic: Topic | None, own: set[Key], stops: dict[str, str]) -> str | None:
    """Why no consent is written for a row, "" where it says so itself; None where one is."""
    if draft.word not in {None, Word.YES}:
        return ""
    if stops and any(email in stops for email in draft.emails):
        return _("On the suppression list: no consent taken over.")
    if topic is None:
        return _("No topic was chosen: the yes is not written down.") if draft.word is Word.YES else ""
    if not draft.email:
        return _("No usable address: no consent written.") if draft.word is Word.YES else ""
    if (int(Identity.Kind.EMAIL), draft.email) not in own:
        return _("The address is not theirs: no consent written.")
    return None


def _note_proofs(draft: Draft, why_not: str) -> None:
    """Say why no consent was written, and that its date and IP are kept nowhere then."""
    if why_not:
        draft.notes.append(why_not)
    for column in dict.fromkeys(draft.proofs):
        draft.note(column, _("not kept, because no consent was written"))


def _note_standing(drafts: Sequence[Draft], people: dict[int, int], topic: Topic) -> None:
    """Say of those for whom no yes was written why: a no stands, or a yes with another date or IP than the row's."""
    if not drafts:
        return
    refused = who_refused([people[draft.line] for draft in drafts])
    drafts = [draft for draft in drafts if draft.proofs or people[draft.line] in refused]
    if not drafts:
        return
    stands = read_eligibilities(Channel.EMAIL, topic.pk, [people[draft.line] for draft in drafts])
    words = Consent.objects.in_bulk([one.word_id for one in stands.values() if one.word_id])
    for draft in drafts:
        one = stands.get(people[draft.line])
        word = words.get(one.word_id) if one and one.word_id else None
        if word is not None and word.state == Consent.State.WITHDRAWN:
            _note_proofs(draft, _("They said no before: no consent written."))
        elif word is not None:
            proofs = {"opted_in_at": (draft.opted_in_at, word.at), "opted_in_ip": (draft.opted_in_ip, word.ip)}
            for target, (said, kept) in proofs.items():
                if said is not None and said != kept:
                    draft.note(draft.columns[target], _("not kept, because a consent stands already"))


def _write_stops(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], changes: Changes) -> None:
    if not any(draft.others_off or draft.word in STOPS for draft in drafts):
        return
    for word in STOPS:
        some = [draft for draft in drafts if draft.word is word]
        if word is not Word.BOUNCED:
            _refuse(run, some, people, Channel.EMAIL, changes)
        emails = [email for draft in some for email in draft.emails]
        suppress_all(emails, reason=LISTED_AS[word], source=run.source)
    for channel in sorted({channel for draft in drafts for channel in draft.others_off}):
        some = [draft for draft in drafts if channel in draft.others_off]
        _refuse(run, some, people, channel, changes)


def _refuse(run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], channel: int, changes: Changes) -> None:
    """A no to everything on the channel. One that only stands a second time changes nobody."""
    ids = [people[draft.line] for draft in drafts]
    stands = read_eligibilities(channel, None, ids) if ids else {}
    refused = {pk for pk, one in stands.items() if one.word_state == Consent.State.WITHDRAWN}
    added = withdraw_all(ids, topic=None, channel=channel, source=run.source)
    _tell(drafts, people, added - refused, changes)


def _take_back(
    run: ImportRun, drafts: Sequence[Draft], people: dict[int, int], topic: Topic | None, changes: Changes
) -> None:
    """Who said yes to the topic before and no in this file: the no counts."""
    drafts = [draft for draft in drafts if draft.word is Word.NO]
    if topic is None or not drafts:
        return
    stands = read_eligibilities(Channel.EMAIL, topic.pk, [people[draft.line] for draft in drafts])
    ids = [pk for pk, one in stands.items() if one.word_state is not None]
    added = withdraw_all(ids, topic=topic, source=run.source) if ids else set()
    had_said_yes = {pk for pk, one in stands.items() if one.word_state == Consent.State.GIVEN}
    _tell(drafts, people, added & had_said_yes, changes)  # a no that only stands a second time changes nobody


def _tell(drafts: Sequence[Draft], people: dict[int, int], added: set[int], changes: Changes) -> None:
    for draft in drafts:
        if people[draft.line] in added:
            changes.setdefault(draft.line, []).append(_("consent: withdrawn"))
