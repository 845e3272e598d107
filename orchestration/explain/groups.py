"""What groups of people are called on a page."""

from typing import Any

from django.utils.translation import gettext as _


def called(name: str) -> str:
    """A group in the plural: the four roles in the reader's language, any other by its own name."""
    roles = {
        "reviewer": _("Reviewers"),
        "owner": _("Owners"),
        "admin": _("Admins"),
        "manager": _("Managers"),
    }
    return roles.get(name, name)


def deciding(review: dict[str, Any]) -> str:
    """The group that decides at a review point, as far as a draft says it."""
    group = review.get("group")
    return called(str(group)) if group else _("People to be named")
