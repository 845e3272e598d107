"""What accounts hold of a person, taken out: how they sign in, where they did, what they set, who they are."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from guardian.models import UserObjectPermission

from audit import live
from audit.erasing import erases, stays
from audit.models import Invitation, Preferences, User


@erases("axes.AccessAttempt", "axes.AccessFailureLog", "axes.AccessLog")
def attempts(user: User) -> None:
    """Where and with what they tried to sign in."""
    for tried in (AccessAttempt, AccessFailureLog, AccessLog):
        tried.objects.filter(username__iexact=user.username).delete()


@erases("sessions.Session", "usersessions.UserSession", "mfa.Authenticator", "account.EmailAddress", "admin.LogEntry")
def ways_in(user: User) -> None:
    """Their sessions, at once, their second factors and addresses."""
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    for owned in (UserSession, Authenticator, EmailAddress, LogEntry):
        owned._default_manager.filter(user=user).delete()
    transaction.on_commit(lambda: live.dismiss(user.pk))


@erases("audit.Preferences", "audit.User_groups", "audit.User_user_permissions", "guardian.UserObjectPermission")
def settings(user: User) -> None:
    """What they set for themselves, and what they were allowed."""
    Preferences.objects.filter(user=user).delete()
    UserObjectPermission.objects.filter(user=user).delete()
    user.groups.clear()
    user.user_permissions.clear()


@erases("audit.Invitation")
def invitations(user: User) -> None:
    """By which they came; who invited whom stays, as numbers."""
    theirs = Q(user=user) | Q(login__iexact=user.username)
    theirs |= Q(email__iexact=user.email) if user.email else Q()
    for one in Invitation.objects.filter(theirs):
        Invitation.objects.filter(pk=one.pk).update(login=f"erased-{one.pk}", name="", email="")


@erases("audit.User")
def person(user: User) -> None:
    """Who they are. The row stays, since others point to its number."""
    user.username, user.first_name, user.last_name, user.email = f"erased-{user.pk}", "", "", ""
    user.skills, user.manager, user.is_active, user.is_staff, user.is_superuser = [], None, False, False, False
    user.set_unusable_password()
    user.save()


stays(
    "The record: its rows name people by number, and its erasable part is the database owner's to delete from.",
    *("audit.Event", "audit.Personal", "audit.Exhibit", "audit.Leaf", "audit.Pending"),
)
stays("Bound by its hash to what two people signed; it names them by number.", "audit.Proposal")
stays("Sizes, hashes and signatures of the record.", "audit.Tile", "audit.Checkpoint", "audit.Anchor")
stays("Counts by hashed keys, which end by themselves.", "audit.Cached")
stays("Settings and names of the house.", "audit.Setting", "auth.Group", "auth.Permission", "contenttypes.ContentType")
stays("Names of groups and permissions alone.", "guardian.GroupObjectPermission")
stays("A key that belongs to an address; it goes with that.", "account.EmailConfirmation")
