"""The demo's mentions: a year of public and private words, most of them answered, some waiting for us."""

import os
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from backstage.demo.echo_network import DOMAIN, NAME
from backstage.demo.echo_people import OURS, TAG
from backstage.demo.network import DemoNetwork
from backstage.demo.people import Person
from backstage.demo.words import ASKING, CROSS, GLAD
from contacts.channels import Channel
from contacts.models import Audience
from conversations.inbox.prioritising import IN_TIME, LATE, Circumstances, weigh
from conversations.models import Connection, Conversation, Mention, PublicAuthor, Reply, WatchedQuery
from conversations.service_levels.sla_clock import PRIVATE_MINUTES, PUBLIC_MINUTES
from conversations.service_levels.team_hours import hours_of
from lib.clock import now
from social.connecting import connect
from social.watching import watch
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.models import User

COUNT, WAITING = 130, 23
STRANGERS = ["tealeaf_tom", "brewlab", "kettlewatch", "slowmornings", "cups_and_co", "steepguide"]
ANSWERS = {
    "neg": "That should not happen, and the mistake is ours. A new one leaves today by courier.",
    "neu": "Yes, it does. We will put that on the page, thank you for asking.",
    "pos": "You have made our morning. Thank you!",
    "unc": "Thank you for writing. Could you tell us a little more?",
}


@dataclass
class _Post:
    """One mention in the making."""

    person: Person | None
    handle: str
    name: str
    text: str
    sentiment: str
    milli: int | None
    at: datetime
    connection: Connection
    due: datetime | None


def make_mentions(dice: random.Random, people: list[Person], midnight: datetime, team: list[User]) -> None:
    """Connections, authors, conversations, mentions, answers, and the touchpoints that belong to them.

    What is answered lies before `midnight`; what waits came in just now.
    """
    moment = now()
    places = [
        Connection.objects.create(network=DemoNetwork.key, name="Fediverse bridge", is_public=True, polled_at=moment),
        Connection.objects.create(network="webhook", name="Shop reviews", is_public=True, polled_at=moment),
        Connection.objects.create(network=DemoNetwork.key, name="Service mailbox", is_public=False, polled_at=moment),
    ]
    count = max(12, COUNT * len(people) // 2000)
    waiting = max(4, WAITING * len(people) // 2000)
    voices = [one for one in people if {Audience.INFLUENCER, Audience.CRITIC} & set(one.roles)] or people
    posts = [
        _draw(dice, n, waiting, dice.choice(voices if dice.random() < 0.6 else people), places, midnight)
        for n in range(count)
    ]
    critics = [one for one in people if Audience.CRITIC in one.roles]
    posts += [_draw(dice, count, 0, one, places, midnight, feeling="neg") for one in critics]
    facts: list[Fact] = []
    for number, post in enumerate(posts):
        facts += _keep(dice, number, post, number < waiting, team)
    if facts:
        record(sorted(facts, key=lambda f: f.occurred_at), source=source_for("demo-mentions", "Demo mentions"))  # type: ignore[arg-type, return-value]


def connect_echo(by: User) -> Connection | None:
    """A connection to the network that ECRM_ECHO_URL and ECRM_ECHO_TOKEN name, with a listener; None where they name none."""
    url, token = os.environ.get("ECRM_ECHO_URL", ""), os.environ.get("ECRM_ECHO_TOKEN", "")
    if not url or not token:
        return None
    own = {"account_id": OURS.id, "acct": f"{OURS.handle}@{DOMAIN}", "domain": DOMAIN}
    made = connect("mastodon", name=NAME, url=url, settings=own, is_public=True, password=token, by=by)[0]
    watch(made, WatchedQuery.Kind.HASHTAG, TAG, finds=[WatchedQuery.Kind.HASHTAG], by=by)
    return made


def _draw(
    dice: random.Random,
    number: int,
    waiting: int,
    writer: Person,
    places: list[Connection],
    midnight: datetime,
    feeling: str = "",
) -> _Post:
    person = None if not feeling and dice.random() < 0.2 else writer
    warmth = person.warmth if person else 0.0
    chances = [max(4, 34 - 60 * warmth), 26, max(4, 30 + 60 * warmth), 10]
    sentiment = feeling or dice.choices(["neg", "neu", "pos", "unc"], chances)[0]
    text = dice.choice({"neg": CROSS, "pos": GLAD}.get(sentiment, ASKING))
    milli = {"neg": -dice.randint(400, 900), "pos": dice.randint(400, 900), "neu": 0, "unc": None}[sentiment]
    place = dice.choices(places, [50, 20, 30])[0]
    due = None
    if number < waiting:
        at = _arrival(dice, number < max(1, waiting // 5), place, now())
        due = _due(at, place)
    else:
        at = midnight - timedelta(days=dice.uniform(2, 360))
    if person is not None:
        at = max(at, person.joined_at + timedelta(hours=1))
    handle = (
        f"@{person.contact.email.split('@')[0]}@tea.example" if person else f"@{dice.choice(STRANGERS)}@tea.example"
    )
    name = person.contact.name if person else handle.split("@")[1]
    return _Post(person, handle, name, text, sentiment, milli, at, place, due)


def _arrival(dice: random.Random, is_late: bool, place: Connection, moment: datetime) -> datetime:
    """When something came in that is late now, or still in time: as many of each at any hour of any day."""
    at = moment - timedelta(minutes=dice.randint(15, 200))
    due_by = moment - timedelta(minutes=dice.randint(20, 300))
    while is_late and _due(at, place) > due_by:
        at -= timedelta(hours=1)
    return at


def _due(at: datetime, place: Connection) -> datetime:
    minutes = PUBLIC_MINUTES if place.is_public else PRIVATE_MINUTES
    return hours_of(None).add(at, minutes)


def _keep(dice: random.Random, number: int, post: _Post, is_waiting: bool, team: list[User]) -> list[Fact]:
    conversation = _conversation(dice, number, post, is_waiting, team)
    mention = Mention(
        connection=post.connection,
        conversation=conversation,
        author=conversation.author,
        network="fediverse",
        remote_id=f"demo-{number}",
        text=post.text,
        language="en",
        reach=conversation.author.followers,
        sentiment=post.sentiment,
        sentiment_milli=post.milli,
        confidence_milli=dice.randint(550, 950),
        engine="demo",
        published_at=post.at,
        received_at=post.at,
    )
    facts = _facts(number, post)
    if not is_waiting:
        return facts + _answer(dice, number, post, conversation, mention, team)
    mention.save()
    if post.sentiment == "neg" and post.person and number % 3 == 0:
        post.person.contact.complaint_since = post.at
        post.person.contact.save(update_fields=["complaint_since"])
        PublicAuthor.objects.filter(pk=conversation.author_id).update(complained_at=post.at)
    return facts


def _conversation(dice: random.Random, number: int, post: _Post, is_waiting: bool, team: list[User]) -> Conversation:
    author, _made = PublicAuthor.objects.get_or_create(
        network="fediverse",
        handle=post.handle,
        defaults={
            "name": post.name,
            "contact": post.person.contact if post.person else None,
            "followers": int(dice.paretovariate(1.1) * 80),
            "seen_at": post.at,
        },
    )
    priority, why = weigh(
        Circumstances(
            is_public=post.connection.is_public,
            lateness=LATE if post.due and post.due < now() else IN_TIME,
            sentiment=post.sentiment,
            confidence=0.8,
            intent="complaint" if post.sentiment == "neg" else "question" if post.text in ASKING else "other",
            roles=frozenset(post.person.roles if post.person else ()),
            followers=author.followers or 0,
        )
    )
    return Conversation.objects.create(
        author=author,
        connection=post.connection,
        thread=f"demo-{number}",
        title=post.text[:60],
        state=Conversation.State.WAITING if is_waiting else Conversation.State.DONE,
        assignee_id=dice.choice(team).pk if dice.random() < 0.6 else None,
        is_public=post.connection.is_public,
        waiting_since=post.at if is_waiting else None,
        due_at=post.due,
        priority=priority,
        priority_why=[[line.code, line.points, line.number] for line in why],
        last_at=post.at,
        created_at=post.at,
    )


def _facts(number: int, post: _Post) -> list[Fact]:
    if post.person is None:
        return []
    kind, channel = ("mention", Channel.SOCIAL) if post.connection.is_public else ("message", Channel.EMAIL)
    return [
        Fact(
            kind,
            f"mention-{number}",
            post.at,
            contact_id=post.person.contact.pk,
            channel=int(channel),
            sentiment_milli=post.milli,
            payload={"text": post.text, "public": post.connection.is_public},
        )
    ]


def _answer(
    dice: random.Random, number: int, post: _Post, conversation: Conversation, mention: Mention, team: list[User]
) -> list[Fact]:
    by, at = dice.choice(team[:2]), post.at + timedelta(minutes=dice.expovariate(1 / 140) + 4)
    mention.answered_at = at
    mention.save()
    Reply.objects.create(
        conversation=conversation,
        mention=mention,
        key=uuid.UUID(int=dice.getrandbits(128), version=4),
        text=ANSWERS[post.sentiment],
        by_id=by.pk,
        state=Reply.State.SENT,
        attempts=1,
        created_at=at,
        sent_at=at,
        target_at=_due(post.at, post.connection),
    )
    if post.person is None:
        return []
    channel = Channel.SOCIAL if post.connection.is_public else Channel.EMAIL
    payload = {"text": ANSWERS[post.sentiment], "public": post.connection.is_public}
    return [
        Fact("answer", f"answer-{number}", at, contact_id=post.person.contact.pk, channel=int(channel), actor_id=by.pk, payload=payload)
    ]  # fmt: skip
