"""Emits a schema as constant tables: the Type, Member and Constructor values of mina/schema/schema.h."""
from dataclasses import replace

from grammar import FIELD_FORMS, INTEGER_FORMS, LEAF_FORMS, SCAN_TREE, STRING_FORMS, Node, Schema

KINDS = {
    "unit": "unit", "bool": "boolean", "char": "character", "f64": "float64", "F": "field_p", "Fq": "field_q",
    "i32": "int32", "i64": "int64", "int": "int63", "str": "string", "opt": "option", "list": "list", "vec": "vector",
    "record": "record", "tuple": "tuple", "variant": "variant", "poly": "polymorphic_variant", "scan": "scan_tree",
}
FIXED_BYTES = {"F": 32, "Fq": 32, "f64": 8}
LEAF_KINDS = ((FIELD_FORMS, {"F", "Fq"}), (INTEGER_FORMS, {"i32", "i64", "int"}), (STRING_FORMS, {"str"}))


def polymorphic_tag(name: str) -> int:
    """OCaml's hash of a polymorphic variant's name, as bin_prot writes it (hash · 2 + 1)."""
    value = 0
    for byte in name.encode():
        value = (value * 223 + byte) & 0x7FFFFFFF
    return (value << 1 | 1) & 0xFFFFFFFF


def grammar_text(node: Node) -> str:
    """A type expression as the grammar writes it, without forms."""
    if node.kind == "ref":
        return node.target
    if node.element:
        return f"{f'vec{node.length}' if node.kind == 'vec' else node.kind}<{grammar_text(node.element)}>"
    if node.kind in ("record", "tuple"):
        parts = [f"{part.name}: {grammar_text(part.type)}" if part.name and node.kind == "record"
                 else grammar_text(part.type) for part in node.parts]
        return f"{{{', '.join(parts)}}}" if node.kind == "record" else f"({', '.join(parts)})"
    if node.alternatives:
        names = [a.name + (f"({', '.join(grammar_text(p.type) for p in a.arguments)})" if a.arguments else "")
                 for a in node.alternatives]
        return f"[`{' | `'.join(names)}]" if node.kind == "poly" else f"<{' | '.join(names)}>"
    return node.kind


def with_leaf_form(node: Node, form: str) -> Node:
    """The node with `form` given to its direct leaves of the form's kind that have none."""
    kinds = next(kinds for forms, kinds in LEAF_KINDS if form in forms)
    if node.kind in kinds:
        return node if node.form else replace(node, form=form)
    parts = tuple(replace(p, type=with_leaf_form(p.type, form)) for p in node.parts)
    alternatives = tuple(
        replace(a, arguments=tuple(replace(p, type=with_leaf_form(p.type, form)) for p in a.arguments))
        for a in node.alternatives)
    return replace(node, parts=parts, alternatives=alternatives)


class Tables:
    def __init__(self, schema: Schema):
        self.schema = schema
        self.rows: list[str] = []           # of the table of types
        self.arrays: list[str] = []         # of members and constructors
        self.index: dict[tuple, int] = {}   # what a row was made from
        self.minimum: dict[str, int] = {}

    # ---- the shortest encoding

    def bytes_min(self, node: Node, open_types: frozenset[str] = frozenset()) -> int:
        if node.kind == "ref":
            if node.target in open_types:  # a value without end; any other alternative is shorter
                return 1 << 30
            if node.target == SCAN_TREE:
                leaf = self.schema.find(SCAN_TREE).body.alternatives[0].arguments[0].type.element
                return 1 + self.bytes_min(leaf)
            if node.target not in self.minimum:
                body = self.schema.find(node.target).body
                size = self.bytes_min(body, open_types | {node.target})
                if open_types:
                    return size
                self.minimum[node.target] = size
            return self.minimum[node.target]
        if node.kind in ("record", "tuple"):
            return sum(self.bytes_min(part.type, open_types) for part in node.parts)
        if node.kind == "vec":
            return node.length * self.bytes_min(node.element, open_types) + 1
        if node.alternatives:
            tag = 4 if node.kind == "poly" else 1
            return tag + min(sum(self.bytes_min(p.type, open_types) for p in a.arguments) for a in node.alternatives)
        return FIXED_BYTES.get(node.kind, 1)

    # ---- rows

    def row(self, node: Node) -> int:
        """The index of a node's row, made if need be."""
        if node.kind != "ref":
            return self.make(node, node.form, grammar_text(node), ("node", node))
        definition = self.schema.find(node.target, node.form)
        body, form = definition.body, definition.form
        if node.form in LEAF_FORMS:
            body = with_leaf_form(body, node.form)
        if node.form and (node.form not in LEAF_FORMS or node.form == "fee"):
            form = node.form
        name = definition.wire_name or grammar_text(definition.body)
        return self.make(body, form, name, ("named", definition.name, form, node.form))

    def make(self, node: Node, form: str, name: str, key: tuple) -> int:
        if key in self.index:
            return self.index[key]
        index = self.index[key] = len(self.rows)
        self.rows.append("")
        is_scan_tree = name == SCAN_TREE
        fields = {
            "kind": f"Kind::{KINDS['scan' if is_scan_tree else node.kind]}",
            "form": f"Form::{'is_signed' if form == 'signed' else form or 'plain'}",
            "length": str(node.length),
            "bytes_min": str(self.bytes_min(Node("ref", target=SCAN_TREE) if is_scan_tree else node)),
            "name": f'"{name}"',
        }
        if node.element:
            fields["element"] = self.pointer(self.row(node.element))
        if is_scan_tree:
            leaf, tree_node = (a.arguments[0].type for a in node.alternatives)
            value = next(part.type for part in tree_node.parts if part.name == "value")
            parts = (("value", value.element), ("leaf", leaf.element))
            fields["members"] = self.members(index, "members", parts)
        elif node.parts:
            fields["members"] = self.members(index, "members", [(p.name, p.type) for p in node.parts])
        if node.alternatives and not is_scan_tree:
            fields["constructors"] = self.constructors(index, node)
        self.rows[index] = "    {" + ", ".join(f".{key} = {value}" for key, value in fields.items()) + "},"
        return index

    @staticmethod
    def pointer(index: int) -> str:
        return f"&types[{index}]"

    def members(self, index: int, what: str, parts) -> str:
        name = f"{what}_{index}"
        lines = [f'    {{"{part_name}", {self.pointer(self.row(node))}}},' for part_name, node in parts]
        self.arrays.append(f"constexpr Member {name}[] = {{\n" + "\n".join(lines) + "\n};")
        return name

    def constructors(self, index: int, node: Node) -> str:
        lines = []
        for tag, alternative in enumerate(node.alternatives):
            value = polymorphic_tag(alternative.name) if node.kind == "poly" else tag
            arguments = ""
            if alternative.arguments:
                arguments = ", " + self.members(index, f"arguments_{tag}",
                                                [(p.name, p.type) for p in alternative.arguments])
            lines.append(f'    {{"{alternative.name}", {value}{"u" if value > 0x7FFFFFFF else ""}{arguments}}},')
        name = f"constructors_{index}"
        self.arrays.append(f"constexpr Constructor {name}[] = {{\n" + "\n".join(lines) + "\n};")
        return name

    def text(self, headline: str) -> str:
        roots = [(root.name, root.alias, self.row(root.type)) for root in self.schema.roots]
        known = {name for name, _, _ in roots}
        for definition in self.schema.definitions:
            name = definition.wire_name
            if name and name not in known and name != SCAN_TREE:
                known.add(name)
                roots.append((name, "", self.row(Node("ref", target=name))))
        root_lines = [f'    {{"{name}", "{alias}", {self.pointer(index)}}},' for name, alias, index in roots]
        return "\n".join([
            headline, "#include \"mina/messages/tables.h\"", "", "namespace mina::messages {", "", "namespace {", "",
            "using namespace mina::schema;", "", "namespace tables {", "",
            f"extern Type const types[{len(self.rows)}];", "",
            *self.arrays, "", f"constexpr Type types[{len(self.rows)}] = {{", *self.rows, "};", "",
            "constexpr Root roots[] = {", *root_lines, "};", "",
            f'constexpr Schema schema{{"{self.schema.name}", roots}};', "", "}  // namespace tables", "",
            "}  // namespace", "",
            f"schema::Schema const& {self.schema.name}_schema() {{ return tables::schema; }}", "",
            "}  // namespace mina::messages", "",
        ])
