"""The single keys that pages offer, and what a person may put in their place.

A page names a key with `data-key`; `static/js/keys.js` puts the person's own in its place, in the tooltip, the help
sheet and the button too. Every key that a page names stands here, so that no two can ever become the same.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

KEYS: dict[str, str | Promise] = {
    "a": gettext_lazy("Approve, send the answer; in the editor: add a step"),
    "r": gettext_lazy("Reject, refuse"),
    "e": gettext_lazy("Edit, answer; to the draft"),
    "j": gettext_lazy("Next item, step or turn"),
    "k": gettext_lazy("Item, step or turn before"),
    "z": gettext_lazy("Undo"),
    "s": gettext_lazy("Sign"),
    "/": gettext_lazy("Search"),
    "n": gettext_lazy("New"),
    "p": gettext_lazy("Publish, propose"),
    "d": gettext_lazy("Dry run"),
    "x": gettext_lazy("Choose the item"),
    "b": gettext_lazy("Send back"),
    "h": gettext_lazy("Hold, let go"),
    "m": gettext_lazy("Comments; mend what is missing first"),
    "c": gettext_lazy("Copy the step"),
    "f": gettext_lazy("Pass on; into the form"),
    "t": gettext_lazy("Add a trigger"),
    "u": gettext_lazy("Upload rows"),
}
RESERVED = "?"  # the help sheet: always where it is looked for


def problems(wanted: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with other keys, each by the key that it is for; {} if nothing is."""
    found = {}
    for key, other in wanted.items():
        if key not in KEYS or len(other) != 1 or not other.isprintable() or other.isspace():
            found[key] = _("One letter, digit or sign.")
        elif other == RESERVED:
            found[key] = _("? shows the sheet of keys, and stays that.")
    held: dict[str, str] = {}
    for key in KEYS:
        other = wanted.get(key, key)
        if other in held and key not in found:
            both = {"key": other.upper(), "other": KEYS[held[other]]}
            found[key] = _("%(key)s is taken: %(other)s.") % both
        held.setdefault(other, key)
    return found
