"""C++ source as text: without comments and literals, and cut into functions. No parser, but enough for limits."""
import re
from typing import NamedTuple

# A comment, a raw string, a string or a character literal; digit separators are no quotes.
_TOKEN = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'""",
    re.DOTALL,
)


def blank(text: str, keep_literals: bool = False) -> str:
    """The same lines and columns, with spaces in the place of comments and literals."""

    def spaces(match: re.Match[str]) -> str:
        if keep_literals and not match[0].startswith("/"):
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return _TOKEN.sub(spaces, text)


class Function(NamedTuple):
    name: str
    line: int  # of its first line, from 1
    lines: int


_NOT_A_FUNCTION = re.compile(r"\b(namespace|class|struct|enum|union|extern)\b(?!.*\))|=\s*$|^\s*$", re.DOTALL)
_NAME = re.compile(r"([~\w:]+|operator\s*\S+?)\s*\(")


def functions(code: str) -> list[Function]:
    """The function bodies outside of functions, in code that went through blank()."""
    found = []
    scopes: list[tuple[str, int] | None] = []  # of each open brace: a function's name and line, or nothing
    inside = 0                                 # open braces since a function began
    head_start = 0
    code = re.sub(r"^[ \t]*#.*(?:\\\n.*)*", lambda m: re.sub(r"[^\n]", " ", m[0]), code, flags=re.MULTILINE)
    for at, char in enumerate(code):
        if char == "{":
            head = code[head_start:at]
            begins = not inside and "(" in head and not _NOT_A_FUNCTION.search(head)
            if begins:
                name = _NAME.search(head)
                first = head_start + len(head) - len(head.lstrip())
                scopes.append((name[1] if name else "?", code.count("\n", 0, first) + 1))
            else:
                scopes.append(None)
            inside += 1 if begins or inside else 0
            head_start = at + 1
        elif char == "}":
            scope = scopes.pop() if scopes else None
            inside -= 1 if inside else 0
            if scope and not inside:
                found.append(Function(scope[0], scope[1], code.count("\n", 0, at) + 2 - scope[1]))
            head_start = at + 1
        elif char == ";":
            head_start = at + 1
    return found
