"""The score model as people read it."""

from dataclasses import dataclass

from engagement.defaults import BY_COLDNESS, BY_VALUE, BY_WARMTH, COLD, INFLUENCE, INTERACTION, INVOLVEMENT, WARM
from engagement.modelling import current_model
from touchpoints.kinds import BY_CODE

NAME_OF_TARGET = {
    INVOLVEMENT: "involvement",
    INTERACTION: "interaction",
    WARM: "intimacy",
    COLD: "intimacy",
    INFLUENCE: "influence",
}


@dataclass(frozen=True, slots=True)
class Weight:
    """One line: what happened, which I it feeds, how much (signed), how its weight varies, its half-life in days."""

    kind: str
    four: str
    weight: float
    varies: str
    half_life_days: float


def weights_table() -> list[Weight]:
    """The current model's lines, by I and weight."""
    varies = {BY_VALUE: "value", BY_WARMTH: "warmth", BY_COLDNESS: "coldness"}
    rows = [
        Weight(
            kind=str(BY_CODE[row["kind"]].name),
            four=NAME_OF_TARGET[row["target"]],
            weight=-row["weight"] if row["target"] == COLD else row["weight"],
            varies=varies.get(row["mode"], ""),
            half_life_days=row["half_life"],
        )
        for row in current_model().weights
        if row["kind"] in BY_CODE
    ]
    order = list(dict.fromkeys(NAME_OF_TARGET.values()))
    return sorted(rows, key=lambda one: (order.index(one.four), -abs(one.weight), one.kind))
