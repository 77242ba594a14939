"""The audience beside a score: after whatever happens it is the first of the roles that the person plays."""

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.editing import add_role, end_role
from contacts.merging import SamePersonError, link_contacts, unlink_contact
from contacts.models import Audience, AudienceRole, Contact
from engagement.audiences import keep_audiences
from engagement.models import Score
from engagement.rebuilding import rebuild_scores
from engagement.tasks import write_audience_snapshots
from portal.preferences import allow_profiling
from segments.rules.counting import ids_fitting
from tests.engagement.world import happen, person
from tests.examples import examples
from touchpoints.correcting import Change, Field, correct
from workspaces.current import working_in

FIRST = [Audience.CUSTOMER, Audience.EMPLOYEE, Audience.INFLUENCER, Audience.CRITIC, Audience.PROSPECT]
WHO, ROLE = st.integers(0, 2), st.sampled_from(FIRST)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("happen"), WHO),
        st.tuples(st.just("play"), WHO, ROLE),
        st.tuples(st.just("end"), WHO, ROLE),
        st.tuples(st.just("link"), WHO, WHO),
        st.tuples(st.just("part"), WHO),
        st.tuples(st.just("delete"), WHO),
        st.tuples(st.just("say no"), WHO, st.booleans()),
        st.tuples(st.just("rebuild")),
    ),
    max_size=12,
)


def do(step, people, facts):
    who = Contact.objects.get(pk=people[step[1]]) if len(step) > 1 else None
    match step:
        case ("happen", n):
            facts.setdefault(n, []).extend(happen(people[n], "purchase", 3, value_minor=900).ids)
        case ("play", _, role):
            add_role(who, role, by=None)
        case ("end", _, role):
            end_role(who, role, by=None)
        case ("link", _, other):
            link_contacts(who.pk, people[other])
        case ("part", _):
            unlink_contact(who.pk)
        case ("delete", n) if facts.get(n):
            correct([Change(facts[n].pop(), Field.DELETED, 1)])
        case ("say no", _, allowed):
            allow_profiling(who, allowed)
        case ("rebuild",):
            rebuild_scores()


def as_roles_make_it():
    found = {}
    for who in Score.objects.values_list("contact_id", flat=True):
        playing = set(AudienceRole.objects.filter(contact=who, until=None).values_list("role", flat=True))
        found[who] = next((role for role in FIRST if role in playing), Audience.PROSPECT)
    return found


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_happens_the_scale_is_that_of_the_first_role(kettle, steps):
    with working_in(kettle), transaction.atomic():
        people, facts = [person(), person("", 5), person("", 2, 3)], {}
        for step in steps:
            try:
                with transaction.atomic():
                    do(step, people, facts)
            except SamePersonError:
                continue
            assert dict(Score.objects.values_list("contact_id", "audience")) == as_roles_make_it()
        assert keep_audiences() == 0
        transaction.set_rollback(True)


def test_the_night_mends_what_was_forgotten(kettle):
    with working_in(kettle):
        who = person("", 3, 5)
        happen(who, "visit", 1)
        Score.objects.update(audience=Audience.CUSTOMER)

    write_audience_snapshots(kettle)

    with working_in(kettle):
        assert Score.objects.get(contact_id=who).audience == Audience.INFLUENCER


def test_another_role_is_another_scale_in_segments(inside):
    who = person()
    happen(who, "purchase", 1, value_minor=3000, times=2)
    contact, rule = Contact.objects.get(pk=who), {"score": {"name": "overall", "op": ">=", "value": 0}}
    before = {value for value in range(101) if ids_fitting({"score": {**rule["score"], "value": value}})}

    add_role(contact, Audience.CUSTOMER, by=None)

    after = {value for value in range(101) if ids_fitting({"score": {**rule["score"], "value": value}})}
    assert before != after
