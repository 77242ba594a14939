"""Saved views of the list of people: kept, renamed, shared, deleted; and what each member chose for one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from segments.models import PeopleChoice, PeopleView

MOST_VIEWS = 50


class ViewNameError(ValueError):
    """A view needs a name that its owner has not given to another."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What holds for a member at a view: columns by key (None: nobody chose any), whether it opens by itself."""

    columns: list[str] | None
    is_default: bool = False


def views_of(user_id: int) -> QuerySet[PeopleView]:
    """The views that a member sees: their own and those that are shared."""
    return PeopleView.objects.filter(Q(is_shared=True) | Q(owner_id=user_id))


def chosen_for(user_id: int, view: PeopleView | None) -> Chosen:
    """The member's own choice at this view, else the view's columns."""
    mine = PeopleChoice.objects.filter(user_id=user_id, view_id=view.pk if view else 0).first()
    columns = mine.columns if mine and mine.columns is not None else view.columns if view else None
    return Chosen(columns or None, bool(mine and mine.is_default))


def choose_columns(user_id: int, view_id: int, columns: Sequence[str] | None) -> None:
    """This member sees these columns there from now on; None: as the view has them. May be repeated."""
    PeopleChoice.objects.update_or_create(
        user_id=user_id, view_id=view_id, defaults={"columns": None if columns is None else list(columns)}
    )


@transaction.atomic
def open_by_itself(user_id: int, view_id: int | None) -> None:
    """The list of people opens with this view for this member; None: with everybody. May be repeated."""
    PeopleChoice.objects.filter(user_id=user_id, is_default=True).update(is_default=False)
    if view_id is not None:
        PeopleChoice.objects.update_or_create(user_id=user_id, view_id=view_id, defaults={"is_default": True})


def default_view(user_id: int) -> PeopleView | None:
    """The view with which the list opens for this member, if there is one and they still see it."""
    mine = PeopleChoice.objects.filter(user_id=user_id, is_default=True).values_list("view_id", flat=True)
    return views_of(user_id).filter(pk__in=list(mine)).first()


@transaction.atomic
def save_view(name: str, *, query: str, columns: Sequence[str], owner_id: int, is_shared: bool = False) -> PeopleView:
    """A new view. ViewNameError."""
    if PeopleView.objects.filter(owner_id=owner_id).count() >= MOST_VIEWS:
        raise ViewNameError(_("You have %(n)s views already. Delete one first.") % {"n": MOST_VIEWS})
    return PeopleView.objects.create(
        name=_free(name, owner_id), query=query, columns=list(columns), owner_id=owner_id, is_shared=is_shared
    )


@transaction.atomic
def change_view(view: PeopleView, *, query: str, columns: Sequence[str]) -> None:
    """The view asks this and shows these columns from now on, to whoever did not choose others. May be repeated."""
    view.query, view.columns = query, list(columns)
    view.save(update_fields=["query", "columns"])


@transaction.atomic
def name_view(view: PeopleView, name: str, *, is_shared: bool) -> None:
    """Call it differently; share it, or keep it to oneself. ViewNameError."""
    view.name, view.is_shared = _free(name, view.owner_id, but=view.pk), is_shared
    view.save(update_fields=["name", "is_shared"])


@transaction.atomic
def delete_view(view: PeopleView) -> None:
    """The view is gone, with what everybody chose for it; the people stay as they are."""
    PeopleChoice.objects.filter(view_id=view.pk).delete()
    view.delete()


def _free(name: str, owner_id: int, *, but: int | None = None) -> str:
    wanted = name.strip()[:80]
    if not wanted:
        raise ViewNameError(_("A view needs a name."))
    if PeopleView.objects.filter(owner_id=owner_id, name=wanted).exclude(pk=but or 0).exists():
        raise ViewNameError(_("You have a view of this name already."))
    return wanted
