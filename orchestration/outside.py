"""Whether a run has read what others wrote: then whatever it writes outside the house is approved by a person first.

What others wrote is what came from a tool that brings it (`Tool.brings_untrusted`: all that are behind a connection,
that read files, or that leave the house), and the input of a run that another system, a program or a table began. It is
kept with the step that read it, in the transaction that keeps what it read. It counts for the whole run, for the runs
that it starts, and, where one of these has read it, for the run that reads their result.
"""

from typing import Any

from django.utils.translation import gettext as _

from audit import hot
from orchestration import tools
from orchestration.models import Step

OURS = "schedule"  # the kind of triggers whose input nobody outside writes

READ = """
WITH RECURSIVE above (id, parent, earlier, trigger) AS (
    SELECT id, parent_id, restarted_from_id, trigger_id FROM orchestration_run WHERE id = %s::bigint
    UNION
    SELECT r.id, r.parent_id, r.restarted_from_id, r.trigger_id FROM above a
    LEFT JOIN orchestration_steprun s ON s.id = a.parent
    JOIN orchestration_run r ON r.id IN (s.run_id, a.earlier)
)
(SELECT t.name, t.spec->>'tool', s.run_id FROM above a JOIN orchestration_steprun s ON s.run_id = a.id AND s.untrusted
    JOIN orchestration_step t ON t.id = s.step_id LIMIT 1)
UNION ALL
(SELECT g.name, NULL, a.id FROM above a JOIN orchestration_trigger g ON g.id = a.trigger AND g.kind <> %s LIMIT 1)
LIMIT 1
"""


def read_by(run_id: int) -> str:
    """What of others a run has read, in a few words: the step with its tool, or the trigger; "" where nothing."""
    found = hot.rows(READ, [run_id, OURS])
    if not found:
        return ""
    name, tool, where = found[0]
    told = {"name": name, "tool": tool, "run": where}
    said = _("%(tool)s at “%(name)s”") % told if tool else _("“%(name)s”") % told
    return said if where == run_id else _("%(said)s, in run %(run)s") % {**told, "said": said}


def told_by(agent: Step) -> str:
    """The same of an agent by what it is offered: what a tool of a connection says of itself was written by others."""
    offered = (tools.TOOLS.get(name) for name in agent.spec.get("tools", []))
    name = next((tool.name for tool in offered if tool is not None and tool.target), "")
    return _("what %(tool)s says of itself") % {"tool": name} if name else ""


def brings(step: Step, woken: dict[str, Any] | None) -> bool:
    """Whether others wrote what a step comes to: those behind its tool, or whom the run has read that it waited for."""
    if step.kind == "tool":
        tool = tools.TOOLS.get(step.spec["tool"])
        return tool is None or tool.brings_untrusted
    if step.kind == "workflow" and woken is not None and "run" in woken:
        return bool(read_by(int(woken["run"])))
    return False
