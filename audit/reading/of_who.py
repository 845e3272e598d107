"""The words for who decides: holds, assignments, opinions, absences, deputies."""

from django.utils.translation import gettext_lazy as _

from audit.reading.sentence import Sentence

SENTENCES = {
    "review.claimed": Sentence("hand", "", _("%(who)s holds %(title)s")),
    "review.released": Sentence("hand", "", _("%(who)s let %(title)s go")),
    "review.assigned": Sentence("user-plus", "", _("%(title)s is assigned to %(name)s, by %(who)s")),
    "review.unassigned": Sentence("user-minus", "", _("%(who)s had %(title)s assigned to nobody")),
    "review.forwarded": Sentence("arrow-right", "", _("%(who)s forwarded %(title)s to %(name)s")),
    "review.consulted": Sentence("message-square", "", _("%(who)s asked %(name)s about %(title)s")),
    "review.advised": Sentence("message-square", "", _("%(who)s said what they think of %(title)s")),
    "review.nobody": Sentence("triangle-alert", "bad", _("Nobody may decide %(title)s; the workflow’s owner is told")),
    "user.manager": Sentence("users", "", _("%(who)s said that %(name)s reports to %(manager)s")),
    "user.no_manager": Sentence("users", "", _("%(who)s said that %(name)s reports to nobody")),
    "user.skills": Sentence("sparkles", "", _("%(who)s said what %(name)s is good at")),
    "absence.said": Sentence(
        "calendar", "", _("%(who)s said that %(name)s is away from %(from_day)s to %(to_day)s, and %(deputy)s acts")
    ),
    "absence.alone": Sentence(
        "calendar", "", _("%(who)s said that %(name)s is away from %(from_day)s to %(to_day)s, and nobody acts")
    ),
    "absence.over": Sentence("calendar", "", _("%(who)s called off an absence of %(name)s")),
}
PEOPLE_ASKED = Sentence("user", "", _("People were asked: %(title)s"))
FOR_ANOTHER = {
    "review.filled": Sentence("check", "ok", _("%(who)s approved %(title)s for %(deputised)s; others are asked next")),
    "review.approved": Sentence("check", "ok", _("%(who)s approved %(title)s for %(deputised)s, who was away")),
    "review.rejected": Sentence("x", "bad", _("%(who)s rejected %(title)s for %(deputised)s, who was away")),
}
