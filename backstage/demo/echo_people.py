"""Who lives on the demo's echo network, what they write to us, and what they answer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resident:
    """One invented person; `after` seconds from our first look they write `words`, and to our answer they answer once."""

    id: str
    name: str
    words: str
    thanks: str
    after: float
    visibility: str = "public"
    warning: str = ""
    followers: int = 40
    is_aside: bool = False  # writes to nobody in particular: who listens to a hashtag finds it

    @property
    def handle(self) -> str:
        """Their name on their server."""
        return self.name.split()[0].lower()


TAG = "tea"  # what the demo listens to
OURS = Resident("1", "Kettle & Co", "", "", 0)
RESIDENTS = [
    Resident(
        "2",
        "Anna Lindqvist",
        "Does the spout of the small kettle fit the tall pot? I would like to order both this week.",
        "Thank you, that was quick! Then I order both.",
        4,
        followers=212,
    ),
    Resident(
        "3",
        "Tom Okafor",
        "My order has not arrived, and nobody answers the phone. Where is it?",
        "Thank you. I did not want to say this in public. I wait for the courier, then.",
        20,
        visibility="direct",
        followers=31,
    ),
    Resident(
        "4",
        "Ines Moreau",
        "The new first flush is the best tea I had this year.",
        "You are welcome. I shall write a longer post about it.",
        40,
        visibility="unlisted",
        warning="tea, strong opinions",
        followers=5_400,
    ),
    Resident(
        "5",
        "Mei Tanaka",
        "Cold brewed first flush tonight, eight hours in the fridge. Never again any other way. #tea #coldbrew",
        "Oh, hello! I did not think that anybody reads this. Thank you.",
        10,
        followers=1_870,
        is_aside=True,
    ),
]
