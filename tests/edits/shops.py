"""Places to order from: each has a connection, a tool and a workflow of its own, and all stand on two servers.

What arrives there is the judge: it is read back into which act it was, and that act must have been approved.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from orchestration.models import Connection, Tool, Workflow
from orchestration.tools import declared
from orchestration.tools.declared import tool_of
from orchestration.tools.mcp.declaring import fingerprint
from tests.agents.drawn import agent
from tests.cast import Cast
from tests.flow.drawn import REVIEW, publish, step
from tests.outgoing.watching import Listener

TEXT = {"type": "string"}
NOTED = {"type": "object", "additionalProperties": False, "properties": {"id": TEXT, "note": TEXT}}
WRITES: dict[str, Any] = {"effect": "write", "leaves_house": True, "repeatability": "keyed"}
GIVEN = json.dumps({"type": "object", "properties": {"word": TEXT, "task": TEXT}})
SLOW = json.dumps({**REVIEW, "undo_seconds": 1})

type Wire = tuple[str, str, str, str, str]  # port, method, path, what the connection says of itself, body


@dataclass
class Shop:
    """One of them. `ways` are the ways in which it was ever reached, by the seal that stands in an act."""

    number: int
    connection: int
    tool: int
    workflow: Workflow
    kind: str
    ways: dict[str, tuple[str, str, str, str]] = field(default_factory=dict)

    @property
    def row(self) -> Tool:
        """Its tool as it is now."""
        return Tool.objects.select_related("connection").get(pk=self.tool)

    def note(self) -> None:
        """Keep how it is reached now."""
        row = self.row
        assert row.connection is not None
        own, seal = row.declaration["own"], str(tool_of(row).target["seal"])
        said = row.connection.headers[0]["value"]
        self.ways[seal] = (row.connection.address.rpartition(":")[2], own["method"], own["path"], said)

    def wire(self, act: dict[str, Any]) -> Wire | None:
        """What an approved act looks like where it arrives; None where nobody knows that target."""
        way = self.ways.get(act.get("target", {}).get("seal", ""))
        if way is None:
            return None
        port, method, path, said = way
        arguments = act["arguments"]
        return port, method, path.replace("{id}", arguments["id"]), said, json.dumps({"note": arguments["note"]})


def arrived(listener: Listener) -> list[tuple[int, Wire]]:
    """What came: the run that it was for, by the key of the call, and how."""
    found = []
    for method, path, sent, body in listener.heard:
        headers = {name.lower(): value for name, value in sent.items()}
        run = int(headers["idempotency-key"].split("-")[1])
        told = json.dumps(json.loads(body or b"{}"))
        found.append((run, (str(listener.port), method, path, headers.get("x-who", ""), told)))
    return found


def declaration(path: str = "/orders/{id}", method: str = "POST") -> dict[str, Any]:
    """What the tool says of itself."""
    own = {"method": method, "path": path, "places": {"id": {"in": "path"}, "note": {"in": "body"}}}
    return {"name": "write", "description": "To order.", "arguments": NOTED, "own": own}


def stand(cast: Cast, number: int, listener: Listener) -> Shop:
    """A place with all that belongs to it: reviewed at its step, by the safe default, or asked for by an agent."""
    behind = Connection.objects.create(name=f"shop{number}", kind="http", private=True, **reached(listener, number))
    tool = Tool.objects.create(name=f"shop{number}.write", title="write", connection=behind, kind="http", **as_signed())
    declared.forget()
    kind = ("own", "own", "rules", "agent")[number % 4]
    workflow = publish(cast, *_steps(kind, number), slug=f"shop-{number}", input=json.loads(GIVEN))
    shop = Shop(number, behind.pk, tool.pk, workflow, kind)
    shop.note()
    return shop


def reached(listener: Listener, number: int) -> dict[str, Any]:
    """How its connection is, to begin with."""
    who = [{"name": "X-Who", "value": f"shop {number}"}]
    address = f"http://127.0.0.1:{listener.port}"
    return {"address": address, "headers": who, "methods": ["POST", "PUT"], "status": "approved"}


def as_signed(version: int = 1) -> dict[str, Any]:
    """How its tool is, to begin with."""
    said = declaration()
    told = {"declaration": said, "fingerprint": fingerprint(said), "version": version}
    return {**WRITES, **told, "status": "approved", "for_all": True}


def _steps(kind: str, number: int) -> list[dict[str, Any]]:
    if kind == "agent":
        asked = agent(tools=[f"shop{number}.write"], call_review=json.loads(SLOW), input={"task": "input.task"})
        return [asked]
    draft = step("draft", input={"word": "input.word"})
    given = {"id": "'7'", "note": "steps.draft.word"}
    review = json.loads(SLOW) if kind == "own" else {"waiver": "Nobody has to look."}
    return [draft, step("order", tool=f"shop{number}.write", input=given, review=review)]
