"""People's corrections train: measured on corrections that were held out, used only where no worse, and taken back."""

import random
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from conversations.classifying import correct_sentiment, read_texts
from conversations.engines import linear
from conversations.engines.learning import Learnt
from conversations.engines.linear import Linear
from conversations.engines.protocol import Text
from conversations.learning_feelings import (
    FEWEST,
    FEWEST_ELSEWHERE,
    learn_language,
    learn_tonight,
    use_shipped,
    use_version,
)
from conversations.learnt_engine import forget_learnt
from conversations.models import LearntFeelings, Mention
from lib.clock import now
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import AgendaItem

pytestmark = pytest.mark.django_db
# A skate shop: its customers say “sick” where they are happy and “basic” or “mid” where they are not. By the shipped model
# they are judged the wrong way round or not at all.
SAID = {
    "pos": ["sick board, so sick", "this one is sick", "absolutely sick", "that was sick, gnarly in the best way"],
    "neg": ["so basic", "this one is basic", "basic if you ask me", "kind of mid to be honest", "that colour is mid"],
    "neu": ["when do you open", "the shop is in Lund", "shipping takes two days", "size M is 38 cm wide"],
}
GERMAN = {
    "pos": ["das ist knorke", "knorke Brett, danke euch", "ganz knorke gemacht"],
    "neg": ["das ist murks", "so ein murks schon wieder", "murks von vorne bis hinten"],
    "neu": ["wann habt ihr offen", "der Laden ist in Lund", "das Brett ist acht Zoll breit"],
}
THINGS = [
    "the board",
    "the deck",
    "the hoodie",
    "the truck",
    "the wheel",
    "the shirt",
    "the cap",
    "the bag",
    "the ramp",
]
FEELINGS = ("neg", "neu", "pos")


def texts_of(dice, count, said=None):
    """(text, how it is meant): each phrase beside other words, so that none stands there twice in the same way."""
    for number in range(count):
        label = FEELINGS[number % 3]
        yield f"{dice.choice((said or SAID)[label])} {dice.choice(THINGS)} for my brother number {number}", label


def corrected(kettle, ada, count, *, said=None, language="en", labels=None, seed=7):
    """So many mentions that somebody corrected, one a minute."""
    dice = random.Random(seed)
    with working_in(kettle):
        first = make_mention("Hello")
        rows = []
        for number, (text, label) in enumerate(texts_of(dice, count, said)):
            at = now() - timedelta(days=1) + timedelta(minutes=number + seed)
            rows.append(mention_like(first, f"c{seed}-{number}", text, language))
            rows[-1].sentiment, rows[-1].engine = labels(dice, label) if labels else label, "person"
            rows[-1].corrected_by_id, rows[-1].corrected_at = ada.pk, at
        Mention.objects.bulk_create(rows)


def mention_like(first, remote_id, text, language):
    return Mention(
        connection=first.connection, conversation=first.conversation, author=first.author, network="mastodon",
        remote_id=remote_id, text=text, language=language, published_at=now(),
    )  # fmt: skip


def left_alone(kettle, texts):
    """Mentions that colleagues answered and left as they were judged."""
    with working_in(kettle):
        first = Mention.objects.first()
        felt = Linear().analyse([Text(one, "en") for one in texts])
        rows = [mention_like(first, f"l{number}", text, "en") for number, text in enumerate(texts)]
        for row, one in zip(rows, felt, strict=True):
            row.sentiment, row.engine, row.answered_at = one.label, "linear", now()
        Mention.objects.bulk_create(rows)


def feel(kettle, *texts, language="en"):
    with working_in(kettle):
        return [one.sentiment for one in read_texts([(text, language) for text in texts])]


def learnt(kettle, language="en"):
    with working_in(kettle):
        return learn_language(language)


def test_corrections_of_a_trade_change_what_is_felt_and_the_effect_is_measured(kettle, ada):
    before = [one.label for one in feel(kettle, "my brother says the ramp is sick", "the cap is basic, he says")]
    corrected(kettle, ada, 300)

    row = learnt(kettle)

    assert (row.state, row.version, row.taught_count) == ("used", 1, 240)
    assert row.figures["shipped"]["recall"] < 0.5
    assert row.figures["learnt"]["recall"] > 0.85  # of words planted so that they can be learnt: no promise for others
    assert row.figures["learnt"]["count"] == 60
    assert row.figures["learnt"]["error"] < row.figures["shipped"]["error"]
    after = feel(kettle, "my brother says the ramp is sick", "the cap is basic, he says")
    assert before != ["pos", "neg"]
    assert [one.best for one in after] == ["pos", "neg"]
    assert after[0].version.endswith("+1")


def test_what_is_judged_as_learnt_is_scored_once(kettle, ada, monkeypatch):
    corrected(kettle, ada, 300)
    assert learnt(kettle).state == "used"
    texts = ["the ramp is sick", "the cap is basic", "the deck is sick"]
    with working_in(kettle):
        shipped = Linear().scores([Text(one, "en") for one in texts])
        ours = Learnt.unpacked(bytes(LearntFeelings.objects.get().weights), "1")
    expected = ours.chances([Text(one, "en") for one in texts], shipped).max(axis=1).round(3).tolist()
    scored, really = [], linear._scored
    monkeypatch.setattr(linear, "_scored", lambda items: scored.extend(one.text for one in items) or really(items))

    felt = feel(kettle, *texts)

    assert scored == texts
    assert [one.confidence for one in felt] == expected
    assert {one.version.rpartition("+")[2] for one in felt} == {"1"}


def test_what_nobody_corrected_is_judged_as_before(kettle, ada):
    plain = ["I love this kettle, thank you", "It broke after a day, terrible", "The parcel is at the post office"]
    corrected(kettle, ada, 150)
    left_alone(kettle, plain)
    before = [one.best for one in feel(kettle, *plain)]

    row = learnt(kettle)

    assert row.left_count == 3
    assert row.figures["left_alone"] == 1.0
    assert [one.best for one in feel(kettle, *plain)] == before


def test_corrections_without_sense_are_not_used(kettle, ada):
    """Labels drawn at random teach nothing: what was learnt fares no better than chance, and stays in the drawer."""
    corrected(kettle, ada, 150)
    good = learnt(kettle)
    corrected(kettle, ada, 300, labels=lambda dice, _label: dice.choice(FEELINGS), seed=999)

    bad = learnt(kettle)

    assert (good.state, bad.state) == ("used", "worse")
    assert bad.figures["mended"] - bad.figures["broken"] < 5  # about as many the one way as the other
    with working_in(kettle):
        assert LearntFeelings.objects.get(state="used").pk == good.pk
    assert feel(kettle, "the ramp is sick")[0].version.endswith("+1")


def test_what_turns_round_what_people_left_alone_is_not_used(kettle, ada):
    """Whoever corrects one kind of sentence only must not have all others like it judged the other way round."""
    plain = [f"I love this kettle, thank you, number {n}" for n in range(12)]
    turned = {"neg": ["I love this kettle, thank you"], "neu": SAID["neu"], "pos": SAID["pos"]}
    corrected(kettle, ada, 60, said=turned)
    left_alone(kettle, plain)

    row = learnt(kettle)

    assert row.state == "worse"
    assert row.figures["left_alone"] < 0.97


@pytest.mark.parametrize("count", [0, FEWEST - 1])
def test_too_few_teach_nothing(kettle, ada, count):
    corrected(kettle, ada, count)

    assert learnt(kettle) is None
    with working_in(kettle):
        assert not LearntFeelings.objects.exists()


def test_the_same_corrections_teach_once(kettle, ada):
    corrected(kettle, ada, 150)
    assert learnt(kettle).version == 1
    assert learnt(kettle) is None
    corrected(kettle, ada, 30, seed=1_500)
    assert learnt(kettle).version == 2


def test_a_language_that_no_engine_speaks_is_learnt_from_its_own_people(kettle, ada):
    corrected(kettle, ada, FEWEST_ELSEWHERE - 10, said=GERMAN, language="de")
    assert learnt(kettle, "de") is None
    unclear = feel(kettle, "so ein murks, der Laden in Lund", language="de")[0]
    corrected(kettle, ada, 30, said=GERMAN, language="de", seed=1_500)

    row = learnt(kettle, "de")

    assert (row.state, unclear.label) == ("used", "unc")
    assert row.figures["learnt"]["recall"] > 0.8
    (felt,) = feel(kettle, "so ein murks, der Laden in Lund", language="de")
    assert (felt.best, felt.engine) == ("neg", "learnt")


def test_another_workspace_learns_nothing_of_it(kettle, rival, ada):
    corrected(kettle, ada, 150)
    learnt(kettle)

    assert "+" not in feel(rival, "the ramp is sick")[0].version
    with working_in(rival):
        assert learn_language("en") is None


def test_it_is_taken_back_and_taken_up_again(kettle, ada):
    corrected(kettle, ada, 150)
    row = learnt(kettle)

    with working_in(kettle):
        use_shipped("en", by=ada)
    shipped = feel(kettle, "the ramp is sick")[0]
    with working_in(kettle):
        use_version(row, by=ada)
        use_version(row, by=ada)

    assert "+" not in shipped.version
    assert feel(kettle, "the ramp is sick")[0].version.endswith("+1")


def test_a_correction_plans_the_night_and_the_night_learns(kettle, ada):
    with working_in(kettle):
        correct_sentiment(make_mention("the ramp is sick"), "pos", by=ada)
        assert Mention.objects.get().corrected_at is not None
        assert AgendaItem.objects.filter(workspace=kettle, work="conversations.learn").exists()
    corrected(kettle, ada, 150)

    learn_tonight(kettle)
    learn_tonight(kettle)

    with working_in(kettle):
        assert LearntFeelings.objects.get().state == "used"


def test_the_page_shows_what_was_measured_and_the_way_back(as_ada, as_eve, kettle, ada):
    page = "/w/kettle/inbox/feelings/"
    assert "Nobody has corrected anything yet." in as_ada.get(page).text
    corrected(kettle, ada, 150)
    row = learnt(kettle)

    assert "In use" in as_ada.get(page).text
    as_ada.post(f"{page}shipped/", {"language": "en"})
    with working_in(kettle):
        assert LearntFeelings.objects.get().state == "undone"
    as_ada.post(f"{page}{row.pk}/use/")
    with working_in(kettle):
        assert LearntFeelings.objects.get().state == "used"
    assert as_ada.post(f"{page}{row.pk + 999}/use/").status_code == 404
    assert as_ada.post(f"{page}shipped/", {"language": "no such language"}).status_code == 302
    assert as_eve.get(page).status_code == 404


def test_the_command_learns_now_and_says_what_it_measured(kettle, ada):
    corrected(kettle, ada, 150)
    out = StringIO()

    call_command("train_sentiment", workspace="kettle", stdout=out)
    call_command("train_sentiment", workspace="kettle", stdout=out)

    said = out.getvalue().splitlines()
    assert said[0].startswith("en: version 1 of 120 corrections, In use; macro recall on 30 it never saw: shipped 0.")
    assert said[1] == "en: 150 corrections, too few or nothing new"
    with pytest.raises(CommandError, match="no workspace lost"):
        call_command("train_sentiment", workspace="lost")
    with pytest.raises(CommandError, match="one of the two"):
        call_command("train_sentiment")


@pytest.fixture(autouse=True)
def _fresh():
    forget_learnt()
    yield
    forget_learnt()
