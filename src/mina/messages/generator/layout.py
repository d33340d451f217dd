"""What each type of a schema is in C++: its name, its size, and how a value of it is held by another.

  one size on the wire     a struct that lies in memory as in the message (alignment 1); held by pointer into the
                           message, or by value up to 8 bytes
  anything else            a struct with a member for each part; units have no member
  list                     List (in the message when elements have one size, else in the arena) or Sequence (read when
                           looked at: of types that need no arena and are larger in memory than on the wire)
  option                   a pointer, or std::optional of what is small
  variant with two alternatives, one without arguments      a struct with one member that may be absent
  variant without arguments at all                          an enum
  any other variant        a struct with `kind` and a member for each alternative that has arguments
"""
import re
from dataclasses import dataclass, field

from grammar import SCAN_TREE, Alternative, Definition, Node, Part, Schema, SchemaError

BY_VALUE_MAX = 8      # bytes of a value that is not worth a pointer
INLINE_MAX = 24       # of an alternative's argument
QUIET_MIN = 64        # of a struct that is shared when nothing in it is set
GROWTH_MAX = 1.5      # bytes in memory for a byte on the wire, of an element of a list
TUPLE_NAMES = ("first", "second", "third", "fourth")
RESERVED = {"xor", "delete", "default", "union", "operator"}


def snake(name: str) -> str:
    name = name[0].lower() + name[1:]
    return name + "_" if name in RESERVED else name


def words(type_name: str) -> str:
    """A type's name as part of a variable's."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()


def camel(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[_.\-]+", name) if word)


@dataclass
class Shape:
    """A type in C++."""
    name: str
    size: int
    align: int
    wire_size: int | None = None   # when all values have one
    wire_min: int = 1
    flat: bool = True              # decoded without an arena
    quiet: bytes | None = None     # its encoding when nothing in it is set
    kind: str = ""                 # primitive, overlay, enum, record, maybe, variant, list, sequence, opt, tree …
    node: Node | None = None
    parts: list = field(default_factory=list)        # of records: (name, Shape, held)
    definition: "Struct | None" = None


@dataclass
class Struct:
    """A type that is written out in a header."""
    name: str
    group: str
    shape: Shape
    comment: str
    key: str = ""
    alias_of: str = ""
    needs: list[str] = field(default_factory=list)   # structs that have to be complete before it


PRIMITIVES = {
    "unit": Shape("binprot::Unit", 1, 1, 1, 1, kind="unit", quiet=None),
    "bool": Shape("bool", 1, 1, 1, 1, kind="bool"),
    "char": Shape("char", 1, 1, 1, 1, kind="char"),
    "f64": Shape("double", 8, 8, 8, 8, kind="f64"),
    "F": Shape("Field", 32, 1, 32, 32, kind="field_p"),
    "Fq": Shape("Field", 32, 1, 32, 32, kind="field_q"),
    "i32": Shape("std::uint32_t", 4, 4, kind="int32"),
    "i64": Shape("std::uint64_t", 8, 8, kind="int64"),
    "int": Shape("std::int64_t", 8, 8, kind="int63"),
    "str": Shape("base::ByteView", 16, 8, kind="string"),
}


def held_by_pointer(shape: Shape) -> bool:
    if shape.wire_size is not None:
        return shape.size > BY_VALUE_MAX
    return shape.quiet is not None and shape.size > QUIET_MIN


def held_size(shape: Shape) -> tuple[int, int]:
    """Size and alignment of a member."""
    if shape.kind == "unit":
        return 0, 1
    return (8, 8) if held_by_pointer(shape) else (shape.size, shape.align)


def held_type(shape: Shape) -> str:
    return f"{shape.name} const*" if held_by_pointer(shape) else shape.name


def packed(sizes) -> tuple[int, int]:
    """Size and alignment of a struct of members in order."""
    offset, align = 0, 1
    for size, alignment in sizes:
        offset += -offset % alignment + size
        align = max(align, alignment)
    return max(offset + -offset % align, 1), align


class Layout:
    """The structs of a schema, in the order in which a header can declare them."""

    def __init__(self, schema: Schema):
        self.schema = schema
        self.structs: dict[str, Struct] = {}
        self.open: list[str] = []           # definitions under way, for recursive types
        self.recursive: set[str] = set()

    def run(self) -> None:
        for definition in self.schema.definitions:
            self.of_definition(definition)
        for root in self.schema.roots:
            self.of_root(root)

    def of_root(self, root) -> Shape:
        if root.type.kind == "ref":
            return self.of(root.type, "", "")
        name = camel(root.alias)
        if name in self.structs:
            return self.structs[name].shape
        return self.struct(name, "roots", Node("record", parts=(Part("value", root.type),)), f"{root.name}")

    # ---- shapes

    def of_definition(self, definition: Definition) -> Shape:
        name = definition.name
        if name in self.structs:
            return self.structs[name].shape
        if name in self.open:
            self.recursive.add(name)
            return Shape(name, 0, 8, None, 1 << 30, flat=False, kind="recursive")
        if definition.wire_name == SCAN_TREE:
            return self.scan_tree(definition)
        self.open.append(name)
        shape = self.struct(name, definition.group, definition.body, definition.wire_name or "")
        self.open.pop()
        return shape

    def of(self, node: Node, owner: str, group: str) -> Shape:
        """The shape of a type expression; a struct without a name of its own is called `owner`."""
        if node.kind == "ref":
            return self.of_definition(self.schema.find(node.target, node.form))
        if node.kind in PRIMITIVES:
            return PRIMITIVES[node.kind]
        if node.kind == "list":
            return self.list_of(node, owner, group)
        if node.kind == "opt":
            return self.option_of(node, owner, group)
        if node.kind == "vec":
            return self.vector_of(node, owner, group)
        if owner in self.structs:
            return self.structs[owner].shape
        return self.struct(owner, group, node, "")

    def list_of(self, node: Node, owner: str, group: str) -> Shape:
        element = self.of(node.element, owner + "Item", group)
        self.check_element(element, owner)
        if element.wire_size is not None:
            return Shape(f"List<{element.name}>", 16, 8, kind="overlay_list", node=node, parts=[element])
        if element.flat and element.size > GROWTH_MAX * element.wire_min:
            return Shape(f"Sequence<{element.name}>", 24, 8, kind="sequence", node=node, parts=[element])
        return Shape(f"List<{element.name}>", 16, 8, flat=False, kind="list", node=node, parts=[element])

    def check_element(self, element: Shape, owner: str) -> None:
        if element.kind == "f64":  # a double has to be aligned, and lies anywhere in a message
            raise SchemaError(f"{self.schema.name}: {owner} has several f64 side by side, which is not known")

    def option_of(self, node: Node, owner: str, group: str) -> Shape:
        element = self.of(node.element, owner, group)
        if element.wire_size is not None and element.size > BY_VALUE_MAX:
            return Shape(f"{element.name} const*", 8, 8, kind="option_in_message", node=node, parts=[element])
        if element.size <= BY_VALUE_MAX and element.flat and not element.name.endswith("*"):
            size, align = packed([(element.size, element.align), (1, 1)])
            name = f"std::optional<{element.name}>"
            return Shape(name, size, align, kind="option_by_value", node=node, parts=[element])
        return Shape(f"{element.name} const*", 8, 8, flat=False, kind="option_in_arena", node=node, parts=[element])

    def vector_of(self, node: Node, owner: str, group: str) -> Shape:
        element = self.of(node.element, owner, group)
        self.check_element(element, owner)
        quiet = element.quiet * node.length + b"\0" if element.quiet else None
        if element.wire_size is not None:
            size = element.wire_size * node.length + 1
            return Shape(f"binprot::Vector<{element.name}, {node.length}>", size, 1, size, size, kind="overlay_vector",
                         node=node, parts=[element])
        return Shape(f"std::array<{element.name}, {node.length}>", element.size * node.length, element.align, None,
                     element.wire_min * node.length + 1, element.flat, quiet, "vector", node, [element])

    # ---- structs

    def struct(self, name: str, group: str, body: Node, comment: str) -> Shape:
        if body.kind in ("record", "tuple"):
            shape = self.record(name, group, body)
        elif body.kind in ("variant", "poly"):
            shape = self.variant(name, group, body)
        else:
            inner = self.of(body, name + "Item", group)
            shape = Shape(**{**inner.__dict__})
            shape.kind = "alias"
            shape.parts = [inner]
            shape.name = name
        if name in self.structs:
            raise SchemaError(f"{self.schema.name}: two types are called {name}")
        if name in self.recursive:
            self.close_cycle(name, shape)
        struct = Struct(name, group, shape, comment)
        shape.definition = struct
        self.structs[name] = struct
        return shape

    def close_cycle(self, name: str, shape: Shape) -> None:
        """A recursive type is one of two: a tree of pairs, or a record that ends in a list of its own type."""
        shape.flat = False
        if self.is_tree(shape):
            del self.structs[shape.parts[-1].name]  # the pair, which the tree itself holds
            shape.kind, shape.size, shape.align = "tree", 40, 8
        elif shape.kind == "record" and self.cycles(shape, name) == ["list"]:
            shape.kind = "forest"
        else:
            raise SchemaError(f"{self.schema.name}: {name} is recursive in a way that is not known")

    @staticmethod
    def is_tree(shape: Shape) -> bool:
        """<Leaf(T) | Digest(D) | Node(D, tree, tree)>"""
        if shape.kind != "variant" or [len(a.arguments) for a in shape.node.alternatives] != [1, 1, 3]:
            return False
        digest, *branches = (part.type for part in shape.node.alternatives[2].arguments)
        inside = [argument for _, argument in shape.parts[-1].parts]
        return (digest.kind == shape.node.alternatives[1].arguments[0].type.kind and len(branches) == 2
                and shape.parts[1].wire_size is not None and all(s.kind == "recursive" for s in inside[1:]))

    def cycles(self, shape: Shape, name: str) -> list[str]:
        """What holds the type again, in a record and the records in it."""
        found = []
        for _, part in shape.parts:
            if part.kind == "record":
                found += self.cycles(part, name)
            elif any(name == inner.name for inner in (part, *(p for p in part.parts if isinstance(p, Shape)))):
                found.append(part.kind)
        return found

    def record(self, name: str, group: str, body: Node) -> Shape:
        parts = []
        for index, part in enumerate(body.parts):
            if not part.name and index >= len(TUPLE_NAMES):
                raise SchemaError(f"{self.schema.name}: the members of {name} want names: they are more than "
                                  f"{len(TUPLE_NAMES)}")
            member = snake(part.name) if part.name else TUPLE_NAMES[index]
            parts.append((member, self.of(part.type, name + camel(part.name or member), group)))
        if all(shape.wire_size is not None and shape.kind != "f64" for _, shape in parts):
            size = sum(shape.wire_size for _, shape in parts)
            return Shape(name, size, 1, size, size, kind="overlay", node=body, parts=parts)
        size, align = packed(held_size(shape) for _, shape in parts)
        quiet = None
        if all(shape.quiet for _, shape in parts):
            quiet = b"".join(shape.quiet for _, shape in parts)
        flat = all(shape.flat and not (held_by_pointer(shape) and shape.quiet) for _, shape in parts)
        wire_min = sum(shape.wire_min for _, shape in parts)
        return Shape(name, size, align, None, wire_min, flat, quiet, "record", body, parts)

    def variant(self, name: str, group: str, body: Node) -> Shape:
        tag_bytes = 4 if body.kind == "poly" else 1
        if not any(a.arguments for a in body.alternatives):
            wire_size = 1 if body.kind == "variant" else None
            return Shape(name, tag_bytes, tag_bytes, wire_size, tag_bytes, kind="enum", node=body)
        arguments = [self.argument(name, group, a) for a in body.alternatives]
        wire_min = tag_bytes + min(0 if a is None else a.wire_min for a in arguments)
        if len(arguments) == 2 and (arguments[0] is None) != (arguments[1] is None):
            argument = next(a for a in arguments if a is not None)
            if not self.nullable(argument) and argument.kind != "recursive":
                return self.maybe(name, body, arguments, argument, wire_min)
        if len(arguments) == 1:
            argument = arguments[0]
            size, align = self.argument_size(argument)
            return Shape(name, size, align, None, wire_min, argument.flat, None, "single", body, [argument])
        size, align = packed([(1, 1)] + [self.argument_size(a) for a in arguments if a is not None])
        flat = all(a is None or (a.flat and not self.argument_in_arena(a)) for a in arguments)
        return Shape(name, size, align, None, wire_min, flat, None, "variant", body, arguments)

    def maybe(self, name, body, arguments, argument, wire_min) -> Shape:
        quiet = bytes([arguments.index(None)]) if body.kind == "variant" else None
        flat = argument.flat and not self.argument_in_arena(argument)
        if argument.wire_size is not None and argument.size > BY_VALUE_MAX or self.argument_in_arena(argument):
            size, align = 8, 8
        else:
            size, align = packed([(argument.size, argument.align), (1, 1)])
        return Shape(name, size, align, None, wire_min, flat, quiet, "maybe", body, arguments)

    @staticmethod
    def nullable(shape: Shape) -> bool:
        return shape.kind.startswith("option")

    @staticmethod
    def argument_in_arena(shape: Shape) -> bool:
        """Whether an alternative holds its argument by pointer into the arena."""
        return shape.kind == "recursive" or shape.wire_size is None and shape.size > INLINE_MAX

    def argument_size(self, shape: Shape) -> tuple[int, int]:
        if self.argument_in_arena(shape):
            return 8, 8
        return held_size(shape)

    def argument(self, owner: str, group: str, alternative: Alternative) -> Shape | None:
        if not alternative.arguments:
            return None
        if len(alternative.arguments) == 1:
            return self.of(alternative.arguments[0].type, owner + camel(alternative.name), group)
        body = Node("tuple", parts=alternative.arguments)
        name = owner + camel(alternative.name)
        return self.structs[name].shape if name in self.structs else self.struct(name, group, body, "")

    def scan_tree(self, definition: Definition) -> Shape:
        leaf, tree_node = (a.arguments[0].type for a in definition.body.alternatives)
        value = next(part.type for part in tree_node.parts if part.name == "value")
        parts = [self.of(value.element, "", ""), self.of(leaf.element, "", "")]
        name = f"messages::ScanTree<{parts[0].name}, {parts[1].name}>"
        shape = Shape(name, 32, 8, None, 1 + parts[1].wire_min, False, None, "scan_tree", definition.body, parts)
        shape.name = definition.name
        struct = Struct(definition.name, definition.group, shape, definition.wire_name)
        struct.alias_of = name
        shape.definition = struct
        self.structs[definition.name] = struct
        return shape
