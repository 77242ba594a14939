"""What deliverability offers: the set-up of senders in the DNS, seed mailboxes, the desk, DMARC's reports."""

from django.utils.translation import gettext_lazy as _

from deliverability import keys, looking, seed_tests, standing, trends, warming
from lib.offers import Action, Panel
from lib.room import Room

room = Room(
    name="deliverability",
    works={
        looking.WORK: looking.look_at_due,
        seed_tests.WORK: seed_tests.run_seed_tests,
        warming.WORK: warming.judge_days,
    },
    kept_figures={trends.FIGURE: trends.count_trends},
    email_signers=keys.signers_of,
    actions=[
        Action(
            _("Deliverability"),
            "gauge",
            "deliverability:desk",
            "campaigns.see",
            _("spam junk bounce spf dkim dmarc inbox placement seed blocklist warm-up warmup ramp"),
        )
    ],
    panels=[
        Panel(
            "senders.after", 10, standing.standings_panel, "deliverability/panels/standings.html", "workspace.settings"
        )
    ],
)
