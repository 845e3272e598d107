"""People and their groups, whom they report to, and what they are good at. Each change is an event."""

import re
from collections.abc import Iterable

from django.contrib.auth.models import Group
from django.db import transaction

from audit import live
from audit.actors import Actor
from audit.ledger import record
from audit.models import User

MOST_SKILLS, LONGEST_SKILL = 30, 60
SKILL = re.compile(r"[^\s,][^,\x00-\x1f]*")


class CannotSay(ValueError):
    """What is said of a person cannot be: a sentence that says why."""


@transaction.atomic
def welcome(username: str, full_name: str, email: str, password: str, *, actor: Actor) -> User:
    """A new person who can sign in. The ledger holds the name in its erasable part."""
    first, _, last = full_name.partition(" ")
    user = User.objects.create_user(username, email, password, first_name=first, last_name=last)
    record("user.created", user, actor=actor, personal={"name": full_name, "login": username, "email": email})
    return user


@transaction.atomic
def give_password(user: User, password: str, *, actor: Actor, but: str | None = "") -> None:
    """Another password. Whoever is signed in with the old one is signed out, `but` for the session of that key."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("user.password", user, actor=actor, personal={"name": str(user)})
    transaction.on_commit(lambda: live.dismiss(user.pk, but=but or ""))


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


@transaction.atomic
def give_manager(user: User, manager: User | None, *, actor: Actor) -> None:
    """Say whom somebody reports to; None for nobody. Raises `CannotSay` for oneself."""
    if manager is not None and manager.pk == user.pk:
        raise CannotSay("Nobody is their own manager.")
    held = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if held.manager_id == (manager.pk if manager else None):
        return
    User.objects.filter(pk=user.pk).update(manager=manager)
    user.manager = manager
    body = {"manager": manager.pk if manager else None, "was": held.manager_id}
    personal = {"name": str(user), "manager": str(manager or "")}
    record("user.manager" if manager else "user.no_manager", user, actor=actor, body=body, personal=personal)


@transaction.atomic
def give_skills(user: User, skills: Iterable[str], *, actor: Actor) -> None:
    """Say what somebody is good at: short words, in place of those that were said before. Raises `CannotSay`."""
    said = sorted({" ".join(skill.split()).lower() for skill in skills} - {""})
    if len(said) > MOST_SKILLS:
        raise CannotSay(f"At most {MOST_SKILLS} skills.")
    if odd := [skill for skill in said if len(skill) > LONGEST_SKILL or not SKILL.fullmatch(skill)]:
        raise CannotSay(f"A skill is a word or a few, {LONGEST_SKILL} characters at the most: {odd[0][:80]!r} is none.")
    held = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if held.skills == said:
        return
    User.objects.filter(pk=user.pk).update(skills=said)
    user.skills = said
    record("user.skills", user, actor=actor, body={"skills": said}, personal={"name": str(user)})
