"""At which line of a source each part of its document stands."""

import yaml

type Path = tuple[str | int, ...]


class Lines:
    """The lines of a source's parts, looked up where somebody asks for one."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root

    def of(self, path: Path) -> int:
        """The line of a part, or of the deepest part around it that is there; the first one for the whole."""
        line, node = 1, self._root
        for part in path:
            found = _inside(node, part)
            if found is None:
                break
            line, node = found
        return line


def _inside(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    """What stands in a mapping or a list under that key or at that place: its line, and itself."""
    if isinstance(node, yaml.MappingNode):
        entries = ((key.start_mark.line + 1, value) for key, value in node.value if key.value == part)
        return next(entries, None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
        one = node.value[part]
        return one.start_mark.line + 1, one
    return None
