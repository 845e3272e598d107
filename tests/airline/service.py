"""The airline as Handrail has it: its tools, let in by two people; its model; and the agent that serves its customers.

Adam administers, starts the runs and owns the workflow; Ada signs what he proposes; Rita reviews; Cora is the customer.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group

from audit import people
from audit.actors import COMMAND, person
from audit.models import User
from orchestration import catalog, engine
from orchestration.catalog import inquiring, keeping
from orchestration.models import Inquiry, KeptKey, Run, Workflow
from orchestration.states import RiskTier
from tests.airline import desk
from tests.airline.playback import mark
from tests.airline.recordings import Conversation
from tests.airline.server import NAME, Airline
from tests.cast import PASSWORD, Cast
from tests.catalog.conftest import second_admin, signed
from tests.flow.drawn import publish, step
from tests.processes import until
from tests.registry.conftest import READS, WRITES, connected, let_in

CUSTOMERS, CUSTOMER = "customer", "cora"
MODEL = "airline/recorded"
KEY = "airline"
SERVE = "serve"  # the agent's step
SPARE = 10  # turns and calls that an agent may have beyond what the recordings hold
REPEATS = 100  # the most that a document may say: the recordings hold the same call three times
DESTROYS = {"cancel_reservation"}
GATE: dict[str, Any] = {
    "when": "before",
    "group": "reviewer",
    "title": "'The bookings would change'",
    "why": [{"rule": "writes", "sentence": "It changes bookings.", "priority": 1, "due_minutes": 60}],
}
NOBODY = {"waiver": "What becomes of the bookings where nobody is asked."}  # with nothing said, a person is
INPUT = {
    "type": "object",
    "required": ["customer", "recording"],
    "properties": {"customer": {"type": "string"}, "recording": {"type": "string"}},
}
SAID = {"type": "object", "required": ["said"], "properties": {"said": {"type": "string"}}}


def furnish(cast: Cast, airline: Airline) -> User:
    """Let the airline's tools in. A worker must stand, who asks what its server offers. Returns the second admin."""
    ada = second_admin(cast)
    behind = connected(NAME, cast.adam, ada, address=airline.mcp, private=True)
    asked = inquiring.ask_offers(behind, by=cast.adam)
    until(Inquiry.objects.filter(pk=asked.pk, status="done").exists, "a worker to list what the airline offers", 120)
    for name in desk.TOOLS:
        let_in(f"{NAME}.{name}", cast.adam, ada, **_said(name))
    people.found(CUSTOMERS, actor=COMMAND)
    cora = people.welcome(CUSTOMER, "Cora Diaz", "cora@customer.example", PASSWORD, actor=COMMAND)
    people.join(cora, Group.objects.get(name=CUSTOMERS), actor=COMMAND)
    return ada


def customer() -> User:
    """Cora, who speaks for every customer."""
    return User.objects.get(username=CUSTOMER)


def _said(name: str) -> dict[str, Any]:
    """What people say of a tool. The server honours keys, so that a write may be asked for again under its own."""
    if name in desk.READS:
        return READS
    return {**WRITES, "effect": "destructive" if name in DESTROYS else "write"}


def model(name: str, address: str, by: User, second: User) -> str:
    """A model behind an address of the house, proposed by one and signed by the other. Its name."""
    if not KeptKey.objects.filter(name=KEY).exists():
        keeping.keep(KEY, "sk-airline", by=by)
    wanted: dict[str, Any] = {
        "ceiling": "special",
        "region": "own",
        "tiers": RiskTier.values,
        "capabilities": ["tools"],
        "route": "openai/airline",
        "endpoint": address,
        "private_endpoint": True,
        "secret": f"kept:{KEY}",
    }
    return signed(catalog.add(f"{MODEL}-{name}", wanted, by=by), by=by, second=second).name


def workflow(cast: Cast, name: str, model: str, conversations: Sequence[Conversation], *, gate: bool) -> Workflow:
    """The workflow whose one step is the agent Airline service; without the gate its writes go by nobody."""
    turns = max(len(one.turns) for one in conversations) + SPARE
    calls = max(len(one.turns) + len(list(one.answered())) for one in conversations) + SPARE
    serve = step(
        SERVE,
        "agent",
        name="Airline service",
        purpose="Serve a customer of the airline.",
        model=model,
        prompt=conversations[0].messages[0]["content"],
        tools=[f"{NAME}.{name}" for name in desk.TOOLS],
        input={"customer": "input.customer", "recording": "input.recording"},
        output=SAID,
        asks={"group": CUSTOMERS, "title": "'Airline service says'", "due_minutes": 60},
        talks=True,
        limits={"seconds": 60, "turns": turns, "calls": calls, "repeats": REPEATS},
        data="personal",
        call_review=GATE if gate else NOBODY,
    )
    groups = {"see": ["reviewer", "admin", CUSTOMERS], "start": ["admin"], "manage": ["admin"]}
    groups["decide"] = ["reviewer", CUSTOMERS]
    said = {"groups": groups, "input": INPUT, "title": "input.recording"}
    made = publish(cast, serve, slug=f"airline-{name}", **said)
    return Workflow.objects.select_related("current").get(pk=made.pk)


def begin(cast: Cast, of: Workflow, conversation: Conversation) -> Run:
    """A run in which a conversation is held, from the customer's first words on."""
    opening = next(message for message in conversation.opening if message["role"] == "user")
    given = {"customer": opening["content"], "recording": mark(conversation)}
    return engine.start(of, given, actor=person(cast.adam), started_by=cast.adam)
