"""Ending somebody's sessions everywhere."""

from allauth.usersessions.models import UserSession

from workspaces.models import User


def end_sessions_of(user: User) -> int:
    """Log `user` out of every browser. Returns how many sessions ended."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
