"""The grammar of .types files: parsing into definitions, and edits of them."""
import re
from dataclasses import dataclass, field, replace

PRIMITIVES = {"unit", "bool", "char", "str", "f64", "i32", "i64", "int", "F", "Fq"}
FIELD_FORMS = {
    "state_hash", "state_body_hash", "ledger_hash", "epoch_seed", "pending_coinbase_hash", "coinbase_stack_data",
    "coinbase_stack_hash", "token_id",
}
INTEGER_FORMS = {"fee", "signed", "number"}
STRING_FORMS = {"bytes", "hex", "base64url", "memo", "aux_hash", "pending_coinbase_aux"}
LEAF_FORMS = FIELD_FORMS | INTEGER_FORMS | STRING_FORMS
RECORD_FORMS = {"public_key", "signature", "fee_excess", "sexp"}
VARIANT_FORMS = {"array", "object", "named", "result", "bare", "gossip"}
FORMS = {
    "F": FIELD_FORMS, "Fq": FIELD_FORMS, "i32": INTEGER_FORMS, "i64": INTEGER_FORMS, "int": INTEGER_FORMS,
    "str": STRING_FORMS, "record": RECORD_FORMS, "tuple": RECORD_FORMS, "variant": VARIANT_FORMS, "poly": VARIANT_FORMS,
    "ref": LEAF_FORMS | RECORD_FORMS | VARIANT_FORMS,
}
SCAN_TREE = "@parallel_scan:247"


class SchemaError(Exception):
    pass


@dataclass(frozen=True)
class Part:
    """A member of a record or tuple, or an argument of a constructor."""
    name: str
    type: "Node"


@dataclass(frozen=True)
class Alternative:
    name: str
    arguments: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Node:
    """A type expression. kind: a primitive, list, opt, vec, record, tuple, variant, poly, ref."""
    kind: str
    form: str = ""
    element: "Node | None" = None
    length: int = 0
    parts: tuple[Part, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    target: str = ""  # of a ref


@dataclass(frozen=True)
class Definition:
    wire_name: str  # "@protocol_state:62", or "" when only C++ has a name for it
    name: str       # of the C++ type
    form: str
    body: Node
    group: str


@dataclass(frozen=True)
class Root:
    name: str
    alias: str
    type: Node


@dataclass
class Schema:
    name: str
    groups: dict[str, str] = field(default_factory=dict)         # name: what is in it
    definitions: list[Definition] = field(default_factory=list)
    roots: list[Root] = field(default_factory=list)

    def find(self, target: str, form: str = "") -> Definition:
        """The definition a reference means: of its form when there is one of that form, else the first of its name."""
        named = [d for d in self.definitions if target in (d.wire_name, d.name)]
        if not named:
            raise SchemaError(f"{self.name}: no type {target}")
        return next((d for d in named if form and d.form == form), named[0])


class Parser:
    def __init__(self, text: str, where: str):
        self.text = text
        self.where = where
        self.at = 0

    def fail(self, what: str) -> SchemaError:
        return SchemaError(f"{self.where}: {what} at \"{self.text[self.at:self.at + 30]}\"")

    def take(self, token: str) -> bool:
        self.skip()
        if self.text.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def need(self, token: str) -> None:
        if not self.take(token):
            raise self.fail(f"\"{token}\" is wanted")

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] == " ":
            self.at += 1

    def word(self, pattern: str = r"[@A-Za-z0-9_.:#]+") -> str:
        self.skip()
        match = re.compile(pattern).match(self.text, self.at)
        if not match:
            raise self.fail("a name is wanted")
        self.at = match.end()
        return match[0]

    def finish(self) -> None:
        self.skip()
        if self.at != len(self.text):
            raise self.fail("nothing more is wanted")

    def node(self) -> Node:
        node = self.node_without_form()
        return replace(node, form=self.word(r"\w+")) if self.take("as ") else node

    def node_without_form(self) -> Node:
        if self.take("("):
            return Node("tuple", parts=self.parts(")", named=False))
        if self.take("{"):
            return Node("record", parts=self.parts("}", named=True))
        if self.take("<"):
            return Node("variant", alternatives=self.alternatives(">", ""))
        if self.take("["):
            return Node("poly", alternatives=self.alternatives("]", "`"))
        word = self.word()
        if word in ("list", "array", "opt"):
            return Node("opt" if word == "opt" else "list", element=self.element())
        if re.fullmatch(r"vec[1-9]\d*", word):
            return Node("vec", length=int(word[3:]), element=self.element())
        return Node(word) if word in PRIMITIVES else Node("ref", target=word)

    def element(self) -> Node:
        self.need("<")
        node = self.node()
        self.need(">")
        return node

    def parts(self, end: str, named: bool) -> tuple[Part, ...]:
        parts = []
        while True:
            self.skip()
            name = re.compile(r"([a-z]\w*): ").match(self.text, self.at)
            if name:
                self.at = name.end()
            elif named:
                raise self.fail("the name of a member is wanted")
            parts.append(Part(name[1] if name else "", self.node()))
            if not self.take(","):
                self.need(end)
                return tuple(parts)

    def alternatives(self, end: str, mark: str) -> tuple[Alternative, ...]:
        alternatives = []
        while True:
            if mark:
                self.need(mark)
            name = self.word(r"[A-Z]\w*")
            alternatives.append(Alternative(name, self.parts(")", named=False) if self.take("(") else ()))
            if not self.take("|"):
                self.need(end)
                return tuple(alternatives)


def statements(text: str):
    """(line number, statement) for each; indented lines go on with the one before."""
    current, begun = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        line = line.split("# ", 1)[0].rstrip() if line.startswith("#") is False else ""
        if line.startswith(" "):
            current += " " + line.strip()
            continue
        if current:
            yield begun, current
        current, begun = line, number
    if current:
        yield begun, current


def read(schema: Schema, text: str, where: str) -> None:
    """Adds what a file says; a definition or a root that another file has is replaced."""
    group = ""
    said: set[tuple[str, str]] = set()
    for number, statement in statements(text):
        place = f"{where}:{number}"
        if match := re.fullmatch(r"group (\w+): (.*)", statement):
            group = match[1]
            schema.groups[group] = match[2]
            continue
        if match := re.fullmatch(r"root (\S+) (\S+) = (.*)", statement):
            name = ("root", match[2])
            put_root(schema, Root(match[1], match[2], whole(match[3], place)))
        elif match := re.fullmatch(r"(?:(@\S+) )?([A-Z]\w*)(?: as (\w+))? = (.*)", statement):
            name = ("type", match[2])
            body = whole(match[4], place)
            check_form(body, match[3] or "", place)
            put_definition(schema, Definition(match[1] or "", match[2], match[3] or "", body, group), place)
        else:
            raise SchemaError(f"{place}: neither a group, a root nor a definition")
        if name in said:
            raise SchemaError(f"{place}: the {name[0]} {name[1]} stands twice in this file")
        said.add(name)


def whole(text: str, where: str) -> Node:
    parser = Parser(text, where)
    node = parser.node()
    parser.finish()
    check_node(node, where)
    return node


def check_node(node: Node, where: str) -> None:
    check_form(node, node.form, where)
    members = [part.name for part in node.parts if part.name]
    for names in (members, [a.name for a in node.alternatives]):
        for name in names:
            if names.count(name) > 1:
                raise SchemaError(f"{where}: {name} stands twice in one type")
    inner = (*node.parts, *(part for a in node.alternatives for part in a.arguments))
    for part in inner:
        check_node(part.type, where)
    if node.element:
        check_node(node.element, where)


def check_form(node: Node, form: str, where: str) -> None:
    if form and form not in FORMS["ref"]:
        raise SchemaError(f"{where}: no form is called {form}")
    if form and form not in FORMS.get(node.kind, ()):
        raise SchemaError(f"{where}: the form {form} is not one of a {node.kind}")


def put_root(schema: Schema, root: Root) -> None:
    for index, old in enumerate(schema.roots):
        if old.alias == root.alias:
            schema.roots[index] = root
            return
    schema.roots.append(root)


def put_definition(schema: Schema, new: Definition, where: str) -> None:
    for index, old in enumerate(schema.definitions):
        same_wire_name = new.wire_name and old.wire_name == new.wire_name and old.form == new.form
        if same_wire_name or old.name == new.name:
            schema.definitions[index] = replace(new, group=old.group)
            return
    if not new.group:
        raise SchemaError(f"{where}: {new.name} is new, and a new definition stands in a group")
    schema.definitions.append(new)


def references(node: Node):
    if node.kind == "ref":
        yield node.target, node.form
    for part in (*node.parts, *(p for a in node.alternatives for p in a.arguments)):
        yield from references(part.type)
    if node.element:
        yield from references(node.element)


def drop_unreachable(schema: Schema) -> None:
    reached: set[int] = set()
    waiting = [(reference, root.alias) for root in schema.roots for reference in references(root.type)]
    while waiting:
        (target, form), owner = waiting.pop()
        if not any(target in (d.wire_name, d.name) for d in schema.definitions):
            raise SchemaError(f"{schema.name}: no type {target}, which {owner} has in it")
        definition = schema.find(target, form)
        if id(definition) not in reached:
            reached.add(id(definition))
            waiting.extend((reference, definition.name) for reference in references(definition.body))
    schema.definitions = [d for d in schema.definitions if id(d) in reached]


def load(name: str, paths: list[str]) -> Schema:
    schema = Schema(name)
    for path in paths:
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except OSError as error:
            raise SchemaError(f"{name}: {path or 'a file without a name'}: {error.strerror}") from error
        read(schema, text, path.rsplit("/", 1)[-1])
    drop_unreachable(schema)
    return schema
