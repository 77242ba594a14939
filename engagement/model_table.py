"""The score model as people read it."""

from dataclasses import dataclass

from engagement.formula import Mode
from engagement.four import NAMES, OF_TARGET, Target
from engagement.modelling import current_model
from touchpoints.kinds import BY_CODE

VARIES = {Mode.BY_VALUE: "value", Mode.BY_WARMTH: "warmth", Mode.BY_COLDNESS: "coldness", Mode.BY_REACH: "reach"}


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
    rows = [
        Weight(
            kind=str(BY_CODE[row["kind"]].name),
            four=OF_TARGET[row["target"]].name,
            weight=-row["weight"] if row["target"] == Target.COLD else row["weight"],
            varies=VARIES.get(row["mode"], ""),
            half_life_days=row["half_life"],
        )
        for row in current_model().weights
        if row["kind"] in BY_CODE
    ]
    return sorted(rows, key=lambda one: (NAMES.index(one.four), -abs(one.weight), one.kind))
