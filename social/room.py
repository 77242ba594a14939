"""What the room of networks offers: connections, and looking at those that must be polled."""

from django.utils.translation import gettext_lazy as _

from conversations.mentions.by_hand import ByHand
from conversations.models import Connection
from lib.offers import Action, ApiRouter, SetupStep
from lib.room import Room
from social.connecting import WORK, poll_due
from social.networks.bluesky import Bluesky
from social.networks.discourse import Discourse
from social.networks.feed import Feed
from social.networks.google_reviews import GoogleReviews
from social.networks.linkedin import LinkedIn
from social.networks.mail import Mail
from social.networks.mastodon import Mastodon
from social.networks.meta.facebook import Facebook
from social.networks.meta.instagram import Instagram
from social.networks.meta.threads import Threads
from social.networks.reddit import Reddit
from social.networks.texts import Texts, WhatsApp
from social.networks.webhook import Webhook
from social.networks.x import X
from social.networks.youtube import YouTube
from workspaces.models import Workspace


def has_connection(_workspace: Workspace) -> bool:
    """Whether something other than our own hands brings mentions in."""
    return Connection.objects.exclude(network=ByHand.key).exists()


room = Room(
    name="social",
    works={WORK: poll_due},
    networks=[
        Mail,
        Mastodon,
        Bluesky,
        Discourse,
        Webhook,
        Feed,
        Facebook,
        Instagram,
        Threads,
        YouTube,
        GoogleReviews,
        Reddit,
        X,
        LinkedIn,
        Texts,
        WhatsApp,
    ],
    api_routers=[ApiRouter(66, "connections", _("Connections"), "social.api.listeners.router")],
    actions=[
        Action(
            _("Connections"),
            "plug-connected",
            "social:connections",
            "social.connect",
            _("channels networks webhook feed rss integrations"),
        ),
    ],
    setup_steps=[
        SetupStep(
            60,
            _("Connect a channel"),
            _("A review site’s feed or a webhook: what people write stands in the inbox within minutes."),
            "social:connections",
            has_connection,
        ),
    ],
)
