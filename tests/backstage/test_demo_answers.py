"""In the demo one can answer, and the answer stays on this machine."""

from uuid import uuid4

import pytest

from backstage.demo import seeding
from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.models import Mention, Reply
from workspaces.current import working_in
from workspaces.models import User, Workspace


@pytest.mark.django_db
def test_an_answer_in_the_demo_is_kept_as_sent(settings, monkeypatch, client):
    settings.DEMO = True
    monkeypatch.setattr(seeding, "BRANDS", [{**seeding.BRANDS[0], "people": 40}])
    seeding.seed_demo()
    workspace, maren = Workspace.objects.get(slug="kettle"), User.objects.get(email=seeding.EMAIL)
    with working_in(workspace):
        mention = Mention.objects.filter(conversation__state="waiting", connection__network="demo").first()
    client.force_login(maren)

    assert "cannot send" not in client.get(f"/w/kettle/inbox/{mention.conversation_id}/").text
    assert "Demo: answers stay on this machine" in client.get("/w/kettle/inbox/connections/").text
    with working_in(workspace):
        reply_to(mention, "A new lid leaves today.", key=uuid4(), by=maren)
    send_due(workspace)

    with working_in(workspace):
        reply = Reply.objects.get(mention=mention)
        assert (reply.state, reply.remote_id) == (Reply.State.SENT, f"demo-answer-{reply.key}")
