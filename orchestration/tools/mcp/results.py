"""What a server's answer comes to: text, structured values, and the names of whatever is neither."""

import json
from typing import Any

from audit.canonical import clean

TEXT, RESOURCE = "text", "resource"


def value_of(result: Any) -> dict[str, Any]:
    """The output of a step that called: `text`, `structured` where there is some, `left_out` for what is no text."""
    texts, left = list[str](), list[str]()
    for part in result.content:
        if part.type == TEXT:
            texts.append(part.text)
        elif part.type == RESOURCE and getattr(part.resource, "text", None) is not None:
            texts.append(part.resource.text)
        else:
            left.append(str(getattr(part, "mime_type", None) or part.type)[:100])
    value: dict[str, Any] = {"text": "\n".join(texts)}
    if result.structured_content is not None:
        value["structured"] = result.structured_content
    if left:
        value["left_out"] = left
    return dict(clean(value)[0])


def size_of(value: dict[str, Any]) -> int:
    """Its bytes as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
