"""The words this room brings to rules: a score compared, a level, a move between levels.

{"score": {"name": "involvement", "op": ">=", "value": 40}}
{"level": {"op": ">=", "value": 4}}            1 dormant … 6 champion
{"level_moved": {"direction": "down", "window": {"last_days": 28}}}

People nobody has scored yet are in none of them: unknown is not low.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.segments.comparing import (
    NUMBER_OPS,
    SQL_OPS,
    check_keys,
    check_number,
    check_window,
    expect,
    window_sql,
    window_words,
)
from contacts.segments.words import Building, Evidence, Path, Phrase, leaf
from engagement.defaults import COLD, HALF_LIVES, INFLUENCE, INTERACTION, INVOLVEMENT, SUMS, WARM
from engagement.modelling import current_model
from engagement.models import Level, LevelMove, ScoreModel
from engagement.reading import NAMES, shown_for

SCORES = (*NAMES, "overall")
SHAPES = {"involvement": "inv", "interaction": "int", "intimacy": "itm", "influence": "inf"}
SCORE_NAMES = {
    "involvement": gettext_lazy("involvement"),
    "interaction": gettext_lazy("interaction"),
    "intimacy": gettext_lazy("intimacy"),
    "influence": gettext_lazy("influence"),
    "overall": gettext_lazy("overall score"),
}
AUDIENCE_OF = """LEFT JOIN LATERAL (
  SELECT r.role FROM contacts_audiencerole r
  WHERE r.workspace_id = s.workspace_id AND r.contact_id = s.contact_id AND r.until IS NULL
  ORDER BY array_position('{1,4,3,5,2}'::smallint[], r.role) LIMIT 1) a ON true"""


def register() -> None:
    """Make this room's words known; called from EngagementConfig.ready()."""
    leaf(
        "score", label=gettext_lazy("has a score"), check=check_score, condition=score_condition, phrase=score_phrase,
        evidence=score_evidence, moves=_always, order=60, form="engagement.segment_forms.ScoreForm",
    )  # fmt: skip
    leaf(
        "level", label=gettext_lazy("stands at a level"), check=check_level, condition=level_condition,
        phrase=level_phrase, evidence=level_evidence, order=61, form="engagement.segment_forms.LevelForm",
    )  # fmt: skip
    leaf(
        "level_moved", label=gettext_lazy("moved up or down"), check=check_moved, condition=moved_condition,
        phrase=moved_phrase, evidence=moved_evidence, moves=_always, order=62,
        form="engagement.segment_forms.LevelMovedForm",
    )  # fmt: skip


def shown_sql(name: str, model: ScoreModel, building: Building) -> str:
    """The shown value of one score as SQL over s (engagement_score) and a (its audience)."""
    if name == "overall":
        parts = [
            f"greatest(0, {shown_sql(one, model, building)}) * {_by_role({k: v[no] for k, v in model.mixes.items()})}"
            for no, one in enumerate(NAMES)
        ]
        return f"({' + '.join(parts)})"
    targets = {"involvement": [INVOLVEMENT], "interaction": [INTERACTION], "influence": [INFLUENCE]}
    if name == "intimacy":
        raw = f"({_sum(WARM, model, building)} - {_sum(COLD, model, building)})"
    else:
        raw = _sum(targets[name][0], model, building)
    scale = _by_role({k: v[name] for k, v in model.scales.items()})
    return f"(sign({raw}) * 100 * (1 - exp(-least(700, abs({raw}) / {scale}))))"


def _sum(target: int, model: ScoreModel, building: Building) -> str:
    days = (building.now - model.landmark).total_seconds() / 86400
    terms = [
        f"s.{SUMS[target * 2 + which]} * {building.param(2 ** max(-1000.0, min(1000.0, -days / half_life)))}::float8"
        for which, half_life in enumerate(HALF_LIVES[target])
    ]
    return f"({' + '.join(terms)})"


def _by_role(table: dict[str, float]) -> str:
    whens = " ".join(f"WHEN {int(role)} THEN {float(value)!r}" for role, value in table.items())
    return f"(CASE coalesce(a.role, 2) {whens} END)::float8"


def check_score(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["name", "op", "value"])
    expect(argument["name"] in SCORES, path, _("The score is one of: %(names)s.") % {"names": ", ".join(SCORES)})
    check_number(argument["op"], argument["value"], path)


def score_condition(argument: Any, building: Building) -> str:
    value = shown_sql(argument["name"], current_model(), building)
    return building.people(
        f"SELECT s.contact_id FROM engagement_score s {AUDIENCE_OF} WHERE s.workspace_id = %(workspace)s"
        f"{building.only('s.contact_id')} AND {value} {SQL_OPS[argument['op']]} {building.param(argument['value'])}"
    )


def score_phrase(argument: Any) -> Phrase:
    name = argument["name"]
    return Phrase(
        SCORE_NAMES[name], NUMBER_OPS[argument["op"]], f"{argument['value']:g}", "activity", SHAPES.get(name, "")
    )


def score_evidence(argument: Any, members: Sequence[int]) -> Evidence:
    shown = next(iter(shown_for(members).values()), None)
    return Evidence(f"{getattr(shown, argument['name']):.0f}" if shown else _("unknown"))


def check_level(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["op", "value"])
    check_number(argument["op"], argument["value"], path)
    expect(argument["value"] in Level.values[1:], path, _("A level is a number from 1 (dormant) to 6 (champion)."))


def level_condition(argument: Any, building: Building) -> str:
    return building.people(
        "SELECT s.contact_id FROM engagement_score s WHERE s.workspace_id = %(workspace)s AND s.level > 0"
        f"{building.only('s.contact_id')} AND s.level {SQL_OPS[argument['op']]} {building.param(argument['value'])}"
    )


def level_phrase(argument: Any) -> Phrase:
    name = str(Level(argument["value"]).label).lower()
    return Phrase(_("relationship level"), NUMBER_OPS[argument["op"]], name, "stairs-up")


def level_evidence(argument: Any, members: Sequence[int]) -> Evidence:
    shown = next(iter(shown_for(members).values()), None)
    return Evidence(shown.level.label if shown else _("unknown"))


def check_moved(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["direction"], ["window"])
    expect(argument["direction"] in {"up", "down"}, path, _("The direction is up or down."))
    check_window(argument.get("window"), path)


def moved_condition(argument: Any, building: Building) -> str:
    sign = ">" if argument["direction"] == "up" else "<"
    return building.people(
        "SELECT DISTINCT v.contact_id FROM engagement_levelmove v WHERE v.workspace_id = %(workspace)s"
        f" AND v.after {sign} v.before{window_sql('v.at', argument.get('window'), building)}"
        f"{building.only('v.contact_id')}"
    )


def moved_phrase(argument: Any) -> Phrase:
    verb = _("moved up") if argument["direction"] == "up" else _("moved down")
    return Phrase(_("relationship"), verb, window_words(argument.get("window")), "stairs-up")


def moved_evidence(argument: Any, members: Sequence[int]) -> Evidence:
    up = argument["direction"] == "up"
    for move in LevelMove.objects.filter(contact__in=members).order_by("-at")[:20]:
        if (move.after > move.before) == up:
            words = _("%(before)s to %(after)s") % {
                "before": Level(move.before).label,
                "after": Level(move.after).label,
            }
            return Evidence(words, move.at)
    return Evidence(_("never"))


def _always(_argument: Any) -> bool:
    return True
