"""What a graph is made of, before it has places: nodes, forks of branches, and what stands beside a step."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

AI, SYSTEM, PERSON = "ai", "sys", "human"
BOX, SIGN, PILE, INSET, PILL = "box", "sign", "pile", "inset", "pill"  # shapes; a gate is always a hexagon


@dataclass(frozen=True, slots=True)
class Node:
    """What is drawn: a step, a review point, or what starts the run.

    `state` is done, wait (for a person), hold (for anything else), now, fail, todo or skip. `bar` gives parts of a
    whole as (state, share). `opens` is an address to go to instead of selecting the step. `hands` are the
    steps to which an agent may hand over, each with the state of that line.
    """

    key: str
    name: str
    kind: str
    under: str = ""
    state: str = ""
    gate: bool = False
    said: str = ""
    shape: str = BOX
    bar: tuple[tuple[str, float], ...] = ()
    opens: str = ""
    taken: bool = True
    hands: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """One way through a fork. `state` is how its line leaves it: "", done, todo or skip."""

    name: str
    blocks: "Sequence[Block]"
    state: str = ""


@dataclass(frozen=True, slots=True)
class Fork:
    """A step with steps inside it. `join` says what its branches wait for; `framed` that they are done many times."""

    head: Node
    branches: Sequence[Branch]
    join: str = ""
    framed: bool = False


@dataclass(frozen=True, slots=True)
class Sided:
    """A step with what takes its place when it fails, and with what undoes it."""

    block: "Node | Fork"
    fallback: "Sequence[Block]" = field(default=())
    undo: "Sequence[Block]" = field(default=())

    @property
    def head(self) -> Node:
        """The node of the step itself."""
        return self.block if isinstance(self.block, Node) else self.block.head


type Block = Node | Fork | Sided


def flat(blocks: Sequence[Block]) -> Iterator[Node]:
    """Every node, in the order of the document."""
    for block in blocks:
        match block:
            case Node():
                yield block
            case Fork():
                yield block.head
                for branch in block.branches:
                    yield from flat(branch.blocks)
            case Sided():
                yield from flat((block.block, *block.fallback, *block.undo))


def dressed(
    blocks: Sequence[Block], look: Callable[[Node], Node], leaves: Callable[[Node, Branch], str]
) -> list[Block]:
    """The same blocks with other nodes; `leaves` gives the state of the line that leaves a branch."""
    return [_dressed(block, look, leaves) for block in blocks]


def _dressed(block: Block, look: Callable[[Node], Node], leaves: Callable[[Node, Branch], str]) -> Block:
    match block:
        case Node():
            return look(block)
        case Fork():
            head = look(block.head)
            branches = [_branch(head, branch, look, leaves) for branch in block.branches]
            return replace(block, head=head, branches=branches)
        case Sided():
            inner = _dressed(block.block, look, leaves)
            assert not isinstance(inner, Sided)
            return Sided(inner, dressed(block.fallback, look, leaves), dressed(block.undo, look, leaves))


def _branch(head: Node, branch: Branch, look: Callable[[Node], Node], leaves: Callable[[Node, Branch], str]) -> Branch:
    inner = replace(branch, blocks=dressed(branch.blocks, look, leaves))
    return replace(inner, state=leaves(head, inner))
