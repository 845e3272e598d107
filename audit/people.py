"""People and their groups. Joining and leaving a group are events."""

from django.contrib.auth.models import Group
from django.db import transaction

from audit.actors import Actor
from audit.ledger import record
from audit.models import User


@transaction.atomic
def welcome(username: str, full_name: str, email: str, password: str, *, actor: Actor) -> User:
    """A new person who can sign in. The ledger holds the name in its erasable part."""
    first, _, last = full_name.partition(" ")
    user = User.objects.create_user(username, email, password, first_name=first, last_name=last)
    record("user.created", user, actor=actor, personal={"name": full_name, "login": username, "email": email})
    return user


@transaction.atomic
def give_password(user: User, password: str, *, actor: Actor) -> None:
    """Another password. Whoever is signed in with the old one is signed out by their next click."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password", user, actor=actor, personal={"name": str(user)})


@transaction.atomic
def found(name: str, *, actor: Actor) -> bool:
    """Make a group; False where there is one of that name."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        record("group.made", group, actor=actor, body={"group": name})
    return made


@transaction.atomic
def join(user: User, group: Group, *, actor: Actor) -> None:
    """Put `user` into `group`."""
    if not user.groups.filter(pk=group.pk).exists():
        user.groups.add(group)
        record("group.joined", user, actor=actor, body={"group": group.name}, personal={"name": str(user)})


@transaction.atomic
def leave(user: User, group: Group, *, actor: Actor) -> None:
    """Take `user` out of `group`."""
    if user.groups.filter(pk=group.pk).exists():
        user.groups.remove(group)
        record("group.left", user, actor=actor, body={"group": group.name}, personal={"name": str(user)})
