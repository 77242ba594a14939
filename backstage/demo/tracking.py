"""Who of the demo's people lets us measure their opens and clicks, and who said no."""

import random

from backstage.demo.people import Person
from consent.models import ConsentWording, TrackingConsent
from workspaces.tracking_mode import TrackingMode

SHARES = [(None, 22), (TrackingMode.NONE, 7), (TrackingMode.REACH, 6), (TrackingMode.FULL, 65)]
WORDING = "Yes, see which emails I open and what I follow, so that they suit me better."


def ask_about_tracking(dice: random.Random, people: list[Person]) -> None:
    """Most said yes when they signed up; the others are measured as the workspace usually does."""
    wording = ConsentWording.objects.create(digest="demo-tracking", text=WORDING)
    rows = []
    for one in people:
        one.tracking = dice.choices([mode for mode, _share in SHARES], [share for _mode, share in SHARES])[0]
        if one.tracking is not None:
            rows.append(
                TrackingConsent(
                    contact=one.contact,
                    mode=one.tracking,
                    wording=wording if one.tracking == TrackingMode.FULL else None,
                    source="Sign-up form, version 3" if one.tracking == TrackingMode.FULL else "Their own page",
                    at=one.joined_at,
                )
            )
    TrackingConsent.objects.bulk_create(rows, batch_size=2000)
