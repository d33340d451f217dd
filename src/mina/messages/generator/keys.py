"""Which structs are the same: within a format, and in another format that was laid out before."""
from layout import Layout, Shape


def key_of(shape: Shape | None, names: tuple[str, ...] = ()) -> str:
    """What a struct is made of, with the names of its members, but without its own name."""
    if shape is None:
        return "none"
    if shape.kind == "recursive" or shape.name in names:
        return f"recursive {shape.name}"
    if shape.definition is None and not shape.parts:
        return shape.kind  # and not its name: elements of both fields are of one type, but checked differently
    if shape.kind in ("tree", "forest"):  # only the same when the name is the same, too
        names = (*names, shape.name)
    head = shape.kind
    if shape.node is not None:
        head += f" {shape.node.kind} {shape.node.length} " + " ".join(a.name for a in shape.node.alternatives)
    parts = []
    for part in shape.parts:
        name, inner = part if isinstance(part, tuple) else ("", part)
        parts.append(f"{name}: {key_of(inner, names)}")
    own = f"{shape.name} " if shape.kind in ("tree", "forest") else ""
    return f"{own}{head} ({', '.join(parts)})"


def find_aliases(layout: Layout, before: list[Layout]) -> None:
    """Sets alias_of of each struct that another one can stand for."""
    first: dict[str, str] = {}
    for struct in layout.structs.values():
        struct.key = key_of(struct.shape)
        if struct.alias_of:
            continue
        for other in before:
            twin = other.structs.get(struct.name)
            if twin is not None and twin.key == struct.key and twin.group == struct.group:
                struct.alias_of = f"{other.schema.name}::{struct.name}"
                break
        else:
            if struct.shape.kind not in ("alias", "enum") and struct.key in first:
                struct.alias_of = first[struct.key]
            else:
                first.setdefault(struct.key, struct.name)
