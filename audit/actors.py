"""Who acts. Every act names its actor; nothing is taken from the thread or the request."""

from dataclasses import dataclass

from audit.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts, as the ledger will name them.

    `kind` is person, agent (one that has a name), worker, clock, command, trigger (another system) or nobody; `auth`
    says how they showed who they are.
    """

    kind: str
    id: str = ""
    label: str = ""
    auth: str = ""
    on_behalf_of_kind: str = ""
    on_behalf_of_id: str = ""

    def acting_for(self, kind: str, whom: object) -> "Actor":
        """The same actor, on behalf of another (a trigger's owner, say)."""
        return Actor(self.kind, self.id, self.label, self.auth, kind, str(whom))


WORKER = Actor("worker", auth="internal")
CLOCK = Actor("clock", auth="internal")
COMMAND = Actor("command", auth="shell")
NOBODY = Actor("nobody", auth="none")


def person(user: User, *, auth: str = "session") -> Actor:
    """A signed-in person."""
    return Actor("person", str(user.pk), str(user), auth)


def agent(reference: str) -> Actor:
    """An agent that has a name, as name@2: in its second version."""
    return Actor("agent", reference, reference, "internal")
