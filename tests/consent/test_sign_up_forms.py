"""Sign-up forms in the app: built as a draft, published as versions that stay, closed, shown with what became of people."""

import re
from datetime import timedelta

import pytest

from consent.consenting import withdraw_consent
from consent.models import Consent, FormVersion, SignUp, SignUpForm, Topic
from consent.sign_up_forms.building import draft_of, free_slug, publish
from consent.sign_up_forms.embedding import BadOriginError, origins_of
from consent.sign_up_forms.questions import BadQuestionError, make_question, read_questions
from lib.clock import now
from portal.signing_up.deciding import confirm
from portal.signing_up.quality import cohorts_of, totals_of
from portal.signing_up.submitting import Asked, Circumstances, submit
from tests.factories.contacts import letter
from tests.factories.sign_up_forms import make_form, published
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AuditEntry

PAGE = "/w/kettle/contacts/forms/"


@pytest.fixture
def form(kettle) -> SignUpForm:
    """A published form, whose page is `form.page`."""
    with working_in(kettle):
        found = make_form("Tea news")
    found.page = f"{PAGE}{found.pk}/"
    return found


def written(kettle, form, **said) -> dict:
    """The draft's form as its page shows it, with something else in it."""
    with working_in(kettle):
        draft = draft_of(form)
        topics = [str(one) for one in draft.topic_ids]
    return {"language": "en", **draft.texts["en"], "topics": topics, "role": draft.role or "", "tag": draft.tag} | said


def questions_of(kettle, form) -> list[tuple[str, str, bool]]:
    with working_in(kettle):
        return [(one.name, one.kind, one.is_required) for one in read_questions(draft_of(form).questions)]


def test_no_form_yet_says_what_one_is_for(as_ada, kettle):
    assert "No form yet" in as_ada.get(PAGE).text


def test_a_form_is_begun_written_and_published(as_ada, kettle, client):
    begun = as_ada.post(f"{PAGE}new/", {"name": "Tastings & tea"}, follow=True)
    with working_in(kettle):
        form = SignUpForm.objects.get()
    public = f"/p/kettle/forms/{form.slug}/"

    assert "Tastings &amp; tea" in begun.text
    assert "nobody sees this form" in begun.text
    assert form.slug == "tastings-tea"
    assert client.get(public).status_code == 404
    said = written(kettle, form, headline="An evening with tea", do="publish")
    page = as_ada.post(f"{PAGE}{form.pk}/draft/", said, follow=True)

    assert "Version 1 is what people see now" in page.text
    assert "An evening with tea" in client.get(public).text
    assert "Tastings &amp; tea" in as_ada.get(PAGE).text
    with working_in(kettle):
        assert [one.action for one in AuditEntry.objects.filter(action__startswith="form.").order_by("pk")] == [
            "form.created",
            "form.published",
        ]


def test_a_draft_changes_nothing_people_see_until_it_is_published(as_ada, kettle, form, client):
    as_ada.post(f"{form.page}draft/", written(kettle, form, headline="Other words", do="save"))
    before = client.get(f"/p/kettle/forms/{form.slug}/").text

    as_ada.post(f"{form.page}draft/", written(kettle, form, headline="Other words", do="publish"))
    as_ada.post(f"{form.page}draft/", written(kettle, form, headline="Other words", do="publish"))

    assert "Other words" not in before
    assert "Other words" in client.get(f"/p/kettle/forms/{form.slug}/").text
    with working_in(kettle):
        assert sorted(FormVersion.objects.values_list("number", flat=True)) == [0, 1, 2]


def test_older_proofs_keep_their_words(kettle, form):
    with working_in(kettle):
        old = published(form)
        first = submit(old, Asked("a@x.example", [letter()], {}), Circumstances(language="en"))
        texts = {"en": old.texts["en"] | {"wording": "Other words."}}
        FormVersion.objects.filter(form=form, number=0).update(texts=texts)
        new = publish(form, by=None)
        second = submit(new, Asked("b@x.example", [letter()], {}), Circumstances(language="en"))
        confirm(first, Circumstances(language="en", page="/p/"))
        confirm(second, Circumstances(language="en", page="/p/"))

        said = dict(Consent.objects.filter(state=1).values_list("contact__email", "wording__text"))
        assert said["a@x.example"].startswith("I agree that Kettle & Co")
        assert said["b@x.example"] == "Other words."


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"headline": ""}, "“Headline” is empty (EN)"),
        ({"wording": "  "}, "“Consent wording” is empty (EN)"),
        ({"topics": []}, "Choose at least one topic"),
    ],
)
def test_what_is_missing_is_said_and_the_draft_is_kept(as_ada, kettle, form, said, reason):
    page = as_ada.post(f"{form.page}draft/", written(kettle, form, tag="kept", **said, do="publish"))

    assert page.status_code == 422
    assert reason in page.text
    with working_in(kettle):
        assert draft_of(form).tag == "kept"
        assert FormVersion.objects.count() == 2


def test_fields_are_added_moved_marked_and_removed(as_ada, kettle, form):
    def press(do, **said):
        return as_ada.post(f"{form.page}draft/", written(kettle, form, do=do, **said), follow=True)

    press("add", **{"new-field": "city"})
    press(
        "add",
        **{
            "new-new_name": "Favourite tea",
            "new-kind": "choice",
            "new-choices": "Oolong\nPu-erh",
            "new-is_required": "on",
        },
    )
    press("up:1", **{"there-0": "on", "must-0": "on", "there-1": "on", "must-1": "on"})
    moved = questions_of(kettle, form)
    page = press("drop:0")

    assert moved == [("Favourite tea", "choice", True), ("city", "text", True)]
    assert questions_of(kettle, form) == [("city", "text", True)]
    assert "Move" not in page.text


@pytest.mark.parametrize(
    "said",
    [
        {"new-new_name": "email"}, {"new-new_name": "…"}, {"new-new_name": "firstName"}, {"new-field": "nothing of ours"},
        {"new-new_name": "Tea", "new-kind": "choice", "new-choices": "one"}, {}, {"new-new_name": "is_profiled"},
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_asked_is_refused_with_its_reason(as_ada, kettle, form, said):
    page = as_ada.post(f"{form.page}draft/", written(kettle, form, do="add", tag="kept", **said))

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert questions_of(kettle, form) == []
    with working_in(kettle):
        assert draft_of(form).tag == "kept"


@pytest.mark.parametrize("name", ["", "email", "\u200b", "123", "given_name\0", "paused_until"])
def test_names_of_fields_are_looked_at(kettle, name):
    with working_in(kettle):
        if name.startswith("given"):
            assert make_question(name).name == "given_name"
        else:
            with pytest.raises(BadQuestionError):
                make_question(name)


def test_a_private_topic_is_never_offered(as_ada, kettle, client):
    with working_in(kettle):
        secret = Topic.objects.create(key="wholesale", name="Wholesale", is_private=True)
        form = make_form("Two", topics=[letter(), secret])

    assert "Wholesale" not in client.get(f"/p/kettle/forms/{form.slug}/").text
    assert "Wholesale" not in as_ada.get(f"{PAGE}{form.pk}/").text
    page = client.post(f"/p/kettle/forms/{form.slug}/", {"email": "a@x.example", "topic": "wholesale"})
    assert page.status_code == 200
    with working_in(kettle):
        assert [row.topic.key for row in Consent.objects.select_related("topic")] == ["letter"]


def test_a_second_language_is_written_and_left_out_again(as_ada, kettle, form, client):
    as_ada.post(f"{form.page}draft/", written(kettle, form, language="de", headline="Neues vom Tee", do="publish"))
    public = f"/p/kettle/forms/{form.slug}/"

    assert "Neues vom Tee" in client.get(f"{public}?lang=de").text
    assert "Neues vom Tee" not in client.get(public).text
    empty = {name: "" for name in written(kettle, form) if name not in {"topics", "role", "tag", "language"}}
    as_ada.post(f"{form.page}draft/", written(kettle, form) | empty | {"language": "de", "do": "publish"})
    assert "Neues vom Tee" not in client.get(f"{public}?lang=de").text


def test_settings_are_kept_or_refused_with_what_was_typed(as_ada, kettle, form):
    with working_in(kettle):
        make_form("Other")
    good = {
        "name": "Tea",
        "slug": "Tea Time",
        "language": "en",
        "days_kept": 3,
        "allowed_origins": "https://tea.example/x",
    }

    as_ada.post(f"{form.page}settings/", good)
    bad = [
        as_ada.post(f"{form.page}settings/", good | wrong)
        for wrong in ({"slug": "other"}, {"allowed_origins": "tea; script-src *"}, {"days_kept": "900"}, {"slug": "…"}, {"name": ""})
    ]  # fmt: skip

    assert [page.status_code for page in bad] == [422, 422, 422, 422, 422]
    assert "tea; script-src *" in bad[1].text
    with working_in(kettle):
        form.refresh_from_db()
        assert (form.slug, form.days_kept, form.allowed_origins) == ("tea-time", 3, "https://tea.example")
        assert AuditEntry.objects.filter(action="form.edited").get().details["fields"] == [
            "name", "slug", "days_kept", "allowed_origins",
        ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["javascript:x", "https://a b", "*", "https://x.example;y", "'self'", "//x.example", "https://[::1"]
)
def test_sites_are_addresses_of_sites(text):
    with pytest.raises(BadOriginError):
        origins_of(text)


def test_a_form_is_closed_and_opened_again(as_ada, kettle, form, client):
    public = f"/p/kettle/forms/{form.slug}/"

    closed = as_ada.post(f"{form.page}archive/", follow=True).text
    while_closed = client.get(public).status_code
    opened = as_ada.post(f"{form.page}archive/", follow=True).text

    assert "nobody can sign up by it" in closed
    assert while_closed == 410
    assert "Open again" in opened
    assert client.get(public).status_code == 200


def test_addresses_of_forms_are_free_and_short(kettle, form):
    with working_in(kettle):
        assert free_slug("Tea news") == "tea-news-2"
        assert free_slug("茶") == "form"
        assert len(free_slug("x" * 500)) <= 60


def test_the_code_and_the_frame_lead_to_the_form(as_ada, kettle, form):
    svg, png = as_ada.get(f"{form.page}code.svg"), as_ada.get(f"{form.page}code.png")
    page = as_ada.get(form.page).text

    assert svg.content.startswith(b"<?xml")
    assert png.content.startswith(b"\x89PNG")
    assert f"/p/kettle/forms/{form.slug}/embed/" in page
    assert "&lt;iframe" in page
    assert "<script" not in re.search(r"&lt;iframe.*?/iframe&gt;", page)[0]
    assert as_ada.get(f"{form.page}code.exe").status_code == 404


def test_roles_read_or_write(member, kettle, form):
    draft = written(kettle, form, do="save")
    for role, reads, writes in [
        ("colleague", 403, 403), ("analyst", 200, 403), ("community", 200, 403), ("marketer", 200, 302), ("admin", 200, 302),
    ]:  # fmt: skip
        browser = member(role)
        assert (role, browser.get(PAGE).status_code, browser.get(form.page).status_code) == (role, reads, reads)
        posts = [
            browser.post(f"{PAGE}new/", {"name": "X"}), browser.post(f"{form.page}draft/", draft),
            browser.post(f"{form.page}archive/"),
        ]  # fmt: skip
        assert (role, [page.status_code for page in posts]) == (role, [writes] * 3)
        if reads == 200 and writes == 403:
            assert "Save draft" not in browser.get(form.page).text


def test_a_stranger_sees_no_form(as_eve, rival, form):
    for path in ("", "draft/", "settings/", "archive/", "code.svg"):
        assert as_eve.get(f"/w/rival/contacts/forms/{form.pk}/{path}").status_code in {404, 405}
        assert as_eve.get(f"{form.page}{path}").status_code == 404
    assert as_eve.post(f"/w/rival/contacts/forms/{form.pk}/draft/", {"do": "publish"}).status_code == 404
    assert as_eve.get(f"/p/rival/forms/{form.slug}/").status_code == 404


def sign_up(form, address: str, days: int, *, confirms: bool = True) -> SignUp:
    """Somebody who signed up that long ago, and perhaps confirmed the same day."""
    made = submit(published(form), Asked(address, [letter()], {}), Circumstances(language="en"))
    if confirms:
        confirm(made, Circumstances(language="en", page="/p/"))
    moment = now() - timedelta(days=days)
    SignUp.objects.filter(pk=made.pk).update(asked_at=moment, decided_at=moment if confirms else None)
    return made


def test_what_became_of_them_is_told_beside_the_other_forms(as_ada, kettle, form, inside):
    other = make_form("Other")
    for number in range(4):
        sign_up(form, f"a{number}@x.example", 40)
    old = sign_up(form, "old@x.example", 100)
    sign_up(form, "never@x.example", 40, confirms=False)
    sign_up(form, "young@x.example", 3)
    lost = sign_up(other, "b@x.example", 95)
    withdraw_consent(lost.contact, topic=letter())
    facts = [
        Fact("purchase", "1", contact_id=old.contact_id), Fact("message", "2", contact_id=old.contact_id),
        Fact("complained", "3", contact_id=lost.contact_id),
        Fact("clicked", "4", contact_id=old.contact_id, occurred_at=now() - timedelta(days=200)),
    ]  # fmt: skip
    record(facts, source=source_for("shop", "Shop"))

    young, grown = cohorts_of(form)

    told = [[(share.mine, share.others) for share in one.shares] for one in (young, grown)]
    assert (young.asked, young.confirmed, grown.asked, grown.confirmed) == (6, 5, 1, 1)
    assert told[0] == [(83, 100), (100, 0), (0, 0), (20, 0), (20, 0), (0, 100), (0, 0)]
    assert told[1] == [(100, 100), (100, 0), (0, 0), (100, 0), (100, 0), (0, 100), (0, 0)]
    totals = totals_of(form)
    assert (totals.asked, totals.confirmed, totals.ways["page"]) == (7, 6, 7)


def test_the_page_says_it_in_a_sentence_when_enough_people_tell_of_it(as_ada, kettle, form):
    with working_in(kettle):
        for number in range(21):
            sign_up(form, f"a{number}@x.example", 95)
        lost = sign_up(make_form("Other"), "b@x.example", 95)
        withdraw_consent(lost.contact, topic=letter())

    page = as_ada.get(form.page).text

    assert "It brings people who stay." in page
    assert "After 90 days 100 % are still there, 100 points more than from your other forms." in page
    assert "a1@x.example" not in page
