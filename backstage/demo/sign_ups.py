"""Forms by which the demo's people came, with what they asked for, and those who never confirmed."""

import random
from datetime import datetime, timedelta

from backstage.demo.people import Person
from consent.models import FormVersion, SignUp, SignUpForm, Topic
from consent.sign_up_forms.building import archive, create_form, publish, save_draft
from consent.sign_up_forms.questions import Question
from consent.sign_up_forms.texts import default_texts
from workspaces.models import User, Workspace

TASTINGS = {
    "headline": "An evening with tea, four times a year",
    "intro": "Twelve people, five pots, one table. We invite by email and nowhere else, about two weeks ahead.",
    "gives": "Four invitations a year, for the city you choose.\nIf you like: the newsletter, one tea each time.\n"
    "Six emails a month at most, whatever you tick. Less, or stop: one tap.",
    "asks": "say so if you cannot come, so that somebody else can.",
    "thanks": "The next invitation comes about two weeks ahead.",
}
CITY = Question("City for tastings", "choice", True, ["Leipzig", "Gothenburg", "Vienna", "Somewhere else"])
# Name, share of the people, how warm one is who comes by it, of ten who ask how many never confirm, by which way.
FORMS = [
    ("Tastings and tea news", 0.42, 0.2, 2, ("page", "code", "page")),
    ("At the till", 0.22, -1.0, 3, ("code",)),
    ("Competition on the shop's page", 0.2, -1.0, 5, ("embedded", "page")),
]


def make_sign_ups(dice: random.Random, people: list[Person], now: datetime, owner: User, workspace: Workspace) -> None:
    """Three forms, the last one closed; who came by each, as if the nights since had forgotten who never confirmed."""
    left = [one for one in people if one.joined_at > now - timedelta(days=364)]
    dice.shuffle(left)
    for name, share, warmth, lost_of_ten, ways in FORMS:
        mine = [one for one in left if one.warmth >= warmth][: max(1, int(len(people) * share * 0.6))]
        taken = {one.contact.pk for one in mine}
        left = [one for one in left if one.contact.pk not in taken]
        form = _form(name, owner, workspace)
        versions = list(FormVersion.objects.filter(form=form).exclude(published_at=None).order_by("number"))
        first = min((one.joined_at for one in mine), default=now) - timedelta(days=2)
        for number, version in enumerate(versions):
            FormVersion.objects.filter(pk=version.pk).update(published_at=first + timedelta(days=150 * number))
        SignUpForm.objects.filter(pk=form.pk).update(created_at=first)
        rows = [_confirmed(dice, versions, one, ways) for one in mine]
        lost = len(mine) * lost_of_ten // (10 - lost_of_ten)
        rows += [_forgotten(dice, versions, now, ways) for _ in range(lost)]
        rows += [_once_more(dice, versions, one, now, ways) for one in mine[:30]]
        SignUp.objects.bulk_create(rows, batch_size=1_000)
    archive(form, by=owner)
    _fall_silent(_form("Blog sidebar", owner, workspace), now)


def _fall_silent(form: SignUpForm, now: datetime) -> None:
    """Five to seven a day for six weeks, and none since the blog got a new design five days ago."""
    version = FormVersion.objects.exclude(published_at=None).get(form=form)
    began = now - timedelta(days=48)
    FormVersion.objects.filter(pk=version.pk).update(published_at=began)
    SignUpForm.objects.filter(pk=form.pk).update(created_at=began)
    SignUp.objects.bulk_create(
        SignUp(
            form=form, version=version, state=SignUp.State.FORGOTTEN, topic_ids=version.topic_ids, way=SignUp.Way.EMBEDDED,
            language=form.language, asked_at=now - timedelta(days=ago, hours=2 * number),
        )
        for ago in range(5, 48)
        for number in range(5 + ago % 3)
    )  # fmt: skip


def _form(name: str, owner: User, workspace: Workspace) -> SignUpForm:
    form = create_form(name, by=owner)
    texts = {"en": default_texts("en", brand=workspace.name), "de": default_texts("de", brand=workspace.name)}
    topics = list(Topic.objects.filter(is_private=False).values_list("pk", flat=True))
    if name != FORMS[0][0]:
        save_draft(form, texts={form.language: texts[form.language]}, topic_ids=topics[:1])
        publish(form, by=owner)
        return form
    questions = [Question("given_name").as_row(), CITY.as_row()]
    first = {one: texts[one] | (TASTINGS if one == "en" else {}) for one in texts}
    save_draft(form, texts=first, topic_ids=topics, questions=questions, asks_tracking=True)
    publish(form, by=owner)
    shorter = texts["en"]["wording"].replace(" about the topics I ticked", " about what I ticked")
    save_draft(form, texts={**first, "en": first["en"] | {"wording": shorter}})
    publish(form, by=owner)
    return form


def _confirmed(dice: random.Random, versions: list[FormVersion], one: Person, ways: tuple[str, ...]) -> SignUp:
    version = versions[min(len(versions) - 1, dice.randint(0, 1))]
    return SignUp(
        form_id=version.form_id,
        version=version,
        contact=one.contact,
        state=SignUp.State.CONFIRMED,
        made_contact=True,
        address=one.contact.email,
        topic_ids=version.topic_ids,
        way=dice.choice(ways),
        language=version.form.language,
        asked_at=one.joined_at,
        decided_at=one.joined_at + timedelta(minutes=dice.randint(1, 90)),
    )


def _once_more(
    dice: random.Random, versions: list[FormVersion], one: Person, now: datetime, ways: tuple[str, ...]
) -> SignUp:
    """Somebody whom we know already, in the last two weeks."""
    again = _confirmed(dice, versions, one, ways)
    again.made_contact = False
    again.asked_at = max(one.joined_at + timedelta(hours=1), now - timedelta(days=14 * dice.random()))
    again.decided_at = again.asked_at + timedelta(minutes=dice.randint(1, 90))
    return again


def _forgotten(dice: random.Random, versions: list[FormVersion], now: datetime, ways: tuple[str, ...]) -> SignUp:
    version = versions[0]
    return SignUp(
        form_id=version.form_id,
        version=version,
        state=SignUp.State.FORGOTTEN,
        topic_ids=version.topic_ids,
        way=dice.choice(ways),
        language=version.form.language,
        asked_at=now - timedelta(days=15 + dice.random() * 300),
    )
