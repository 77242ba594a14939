from campaigns.models import Programme
from campaigns.panels import programmes_panel
from engagement.models import Objective


def make(name: str, baseline: float, target: float, current: float | None, **more) -> Programme:
    goal = Objective.objects.create(metric="purchases", baseline=baseline, target=target, current=current)
    return Programme.objects.create(name=name, objective=goal, **more)


def test_programmes_behind_come_first_and_say_so(inside, django_assert_num_queries):
    make("Reached", 9, 15, 17)
    make("Behind", 61, 68, 58)
    make("On the way", 21, 28, 25)
    make("Not measured yet", 10, 20, None)
    make("Stopped", 0, 1, 0, is_active=False)
    Programme.objects.create(name="No target")

    with django_assert_num_queries(1):
        panel = programmes_panel(None, None)

    assert [row["programme"].name for row in panel["rows"]] == ["Behind", "Not measured yet", "On the way", "Reached"]
    assert [row["tone"] for row in panel["rows"]] == ["tone-bad", "tone-warn", "tone-good", "tone-good"]


def test_home_shows_where_programmes_stand(as_ada, kettle):
    from workspaces.current import working_in

    assert "No programme answers for anything yet" in as_ada.get("/w/kettle/").text
    with working_in(kettle):
        make("Second pot", 21, 28, 30)
    assert "Second pot" in as_ada.get("/w/kettle/").text
