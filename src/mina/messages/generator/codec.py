"""The statements that validate, decode and encode a type.

Values of one size that stand side by side are taken in one go (class Run): one check of the bounds, then the checks of
single bytes. Everything else is an operation of its own.
"""
import re
from dataclasses import dataclass, field

from layout import BY_VALUE_MAX, Layout, Shape, held_by_pointer, snake, words
from tables import polymorphic_tag

INLINE_OPERATIONS_MAX = 4
WIDTHS = {"int32": "std::uint32_t", "int64": "std::uint64_t", "int63": "std::int64_t"}


@dataclass
class Run:
    """Bytes that are always there: checks of them, and what is read from them."""
    size: int = 0
    # ("fields", offset, count, modulus) or ("below", offset, limit, reason)
    checks: list[tuple] = field(default_factory=list)
    binds: list[tuple[str, int]] = field(default_factory=list)  # a statement on {at} or {byte}, and the offset of that

    def add(self, other: "Run") -> None:
        for kind, offset, number, what in other.checks:
            offset += self.size
            last = self.checks[-1] if self.checks else None
            if kind == "fields" and last and last == ("fields", offset - 32 * last[2], last[2], what):
                self.checks[-1] = ("fields", last[1], last[2] + number, what)
            else:
                self.checks.append((kind, offset, number, what))
        self.binds += [(statement, offset + self.size) for statement, offset in other.binds]
        self.size += other.size


class Lines:
    """Statements, indented."""

    def __init__(self):
        self.lines: list[str] = []
        self.depth = 1
        self.names = 0

    def add(self, text: str) -> None:
        self.lines.append("    " * self.depth + re.sub(r"\(\*(\w+)\)\.", r"\1->", text))

    def open(self, text: str) -> None:
        self.add(text + " {")
        self.depth += 1

    def close(self, text: str = "}") -> None:
        self.depth -= 1
        self.add(text)

    def name(self, prefix: str) -> str:
        self.names += 1
        return f"{prefix}{self.names}"


def run_of(shape: Shape, target: str) -> Run:
    """The run of a type of one size; `target` is where it goes, or empty."""
    kind = shape.kind
    if kind == "alias":
        inner = run_of(shape.parts[0], "")
        return Run(inner.size, inner.checks, overlay_binds(shape, target))
    if kind == "unit":
        return Run(1, [("below", 0, 1, "bad_unit")])
    if kind == "bool":
        return Run(1, [("below", 0, 2, "bad_boolean")], bind(target, "{byte} != 0"))
    if kind == "char":
        return Run(1, [], bind(target, "static_cast<char>({byte})"))
    if kind == "f64":
        return Run(8, [], bind(target, "reinterpret_cast<binprot::Float64 const*>({at})->value()"))
    if kind == "enum":
        limit = len(shape.node.alternatives)
        return Run(1, [("below", 0, limit, "unknown_variant")], bind(target, f"static_cast<{shape.name}>({{byte}})"))
    if kind in ("field_p", "field_q"):
        return Run(32, [("fields", 0, 1, kind[-1])], overlay_binds(shape, target))
    run = Run()
    if kind == "overlay_vector":
        for _ in range(shape.node.length):
            run.add(run_of(shape.parts[0], ""))
        run.add(run_of_unit())
    else:
        for _, part in shape.parts:
            run.add(run_of(part, ""))
    run.binds = overlay_binds(shape, target)
    return run


def run_of_unit() -> Run:
    return Run(1, [("below", 0, 1, "bad_unit")])


def bind(target: str, value: str) -> list[tuple[str, int]]:
    return [(f"{target} = {value};", 0)] if target else []


def overlay_binds(shape: Shape, target: str) -> list[tuple[str, int]]:
    if not target or held_by_pointer(shape):
        return bind(target, f"reinterpret_cast<{shape.name} const*>({{at}})")
    return [(f"std::memcpy(&{target}, {{at}}, sizeof {target});", 0)]


class Codec:
    """Emits statements for shapes of one layout. decode: values go to targets; else they are only checked."""

    def __init__(self, layout: Layout, decode: bool):
        self.layout = layout
        self.decode = decode
        self.out = Lines()
        self.run = Run()

    # ---- runs

    def flush(self) -> None:
        run, self.run = self.run, Run()
        if run.size == 0:
            return
        out = self.out
        if not self.checks_of(run) and not run.binds:
            out.add(f"if (reader.take({run.size}) == nullptr) return false;")
            return
        p = out.name("p")
        out.add(f"auto const* const {p} = reader.take({run.size});")
        out.add(f"if ({p} == nullptr) return false;")
        self.check(run, p)
        for statement, offset in run.binds:
            at = f"{p} + {offset}" if offset else p
            out.add(statement.replace("{at}", at).replace("{byte}", f"{p}[{offset}]"))

    def checks_of(self, run: Run) -> list[tuple]:
        """Whether field elements are below their moduli is asked of the validator alone; what is decoded shows them."""
        return [check for check in run.checks if check[0] != "fields" or not self.decode]

    def check(self, run: Run, place: str) -> None:
        for kind, offset, number, what in self.checks_of(run):
            at = f"{place} + {offset}" if offset else place
            if kind == "fields":
                self.out.add(f"reader.note_fields<Modulus::{what}>({at}, {number});")
            else:
                self.out.add(f"if (!reader.check_below({at}, {number}, Reason::{what})) return false;")

    # ---- values

    def value(self, shape: Shape, target: str) -> None:
        """A value as a member holds it."""
        if shape.wire_size is not None:
            self.run.add(run_of(shape, target if self.decode else ""))
        elif held_by_pointer(shape):
            self.quiet(shape, target)
        else:
            self.dynamic(shape, target)

    def dynamic(self, shape: Shape, target: str) -> None:
        """A value in place."""
        if shape.kind == "alias":
            self.dynamic(shape.parts[0], target)
        elif shape.kind in WIDTHS:
            self.integer(shape, target)
        elif shape.definition is not None and not self.is_small(shape):
            self.call(shape, target)
        else:
            getattr(self, shape.kind)(shape, target)

    def is_small(self, shape: Shape) -> bool:
        if shape.kind in ("tree", "forest", "scan_tree", "recursive", "variant"):
            return False
        if shape.kind == "record":
            return count_operations(shape) <= INLINE_OPERATIONS_MAX
        return True

    def call(self, shape: Shape, target: str) -> None:
        self.flush()
        if self.decode:
            arguments = "reader" if shape.flat else "reader, arena"
            self.out.add(f"if (!{target}.decode({arguments})) return false;")
        else:
            self.out.add(f"if (!{shape.name}::validate(reader)) return false;")

    def recursive(self, shape: Shape, target: str) -> None:
        self.call(shape, target)

    scan_tree = tree = forest = recursive

    def record(self, shape: Shape, target: str) -> None:
        for name, part in shape.parts:
            self.value(part, f"{target}.{name}" if target else name)

    def integer(self, shape: Shape, target: str) -> None:
        self.flush()
        self.out.add(f"if (!reader.integer<Width::{shape.kind}>(integer)) return false;")
        if self.decode:
            cast = "integer" if shape.kind == "int63" else f"static_cast<{WIDTHS[shape.kind]}>(integer)"
            self.out.add(f"{target} = {cast};")

    def string(self, shape: Shape, target: str) -> None:
        self.flush()
        self.out.add(f"if (!reader.string({target if self.decode else 'skipped'})) return false;")

    def enum(self, shape: Shape, target: str) -> None:
        """A polymorphic variant without arguments."""
        self.flush()
        out, p = self.out, self.out.name("p")
        out.add(f"auto const* const {p} = reader.take(4);")
        out.add(f"if ({p} == nullptr) return false;")
        out.open(f"switch (binprot::load_little_endian<std::uint32_t>({p}))")
        for alternative in shape.node.alternatives:
            out.add(f"case {polymorphic_tag(alternative.name)}u:")
        out.add("    break;")
        out.add(f"default: return reader.fail(Reason::unknown_variant, {p});")
        out.close()
        if self.decode:
            out.add(f"{target} = static_cast<{shape.name}>(binprot::load_little_endian<std::uint32_t>({p}));")

    def vector(self, shape: Shape, target: str) -> None:
        self.flush()
        index = self.out.name("i")
        self.out.open(f"for (std::size_t {index} = 0; {index} < {shape.node.length}; ++{index})")
        self.value(shape.parts[0], f"{target}[{index}]")
        self.flush()
        self.out.close()
        self.run.add(run_of_unit())

    # ---- lists

    def count(self, wire_min: int) -> str:
        self.flush()
        count = self.out.name("count")
        self.out.add(f"std::size_t {count} = 0;")
        self.out.add(f"if (!reader.count({count}, {max(wire_min, 1)})) return false;")
        return count

    def overlay_list(self, shape: Shape, target: str) -> None:
        element = shape.parts[0]
        out, count = self.out, self.count(element.wire_size)
        run = run_of(element, "")
        checks = self.checks_of(run)
        first = out.name("p")
        size = f"{count} * {element.wire_size}" if element.wire_size > 1 else count
        take = f"reader.take_counted({size});"
        out.add(f"auto const* const {first} = {take}" if checks or self.decode else take)
        if [check[0] for check in checks] == ["fields"] and 32 * checks[0][2] == element.wire_size:
            _, _, factor, modulus = checks[0]
            number = f"{count} * {factor}" if factor > 1 else count
            out.add(f"reader.note_fields<Modulus::{modulus}>({first}, {number});")
        elif checks:
            out.open(f"for (auto const* at = {first}; at != {first} + {size}; at += {element.wire_size})")
            self.check(run, "at")
            out.close()
        if self.decode:
            out.add(f"{target} = List<{element.name}>(reinterpret_cast<{element.name} const*>({first}), {count});")

    def sequence(self, shape: Shape, target: str) -> None:
        element = shape.parts[0]
        out, count = self.out, self.count(element.wire_min)
        first = out.name("first")
        if self.decode:
            out.add(f"auto const* const {first} = reader.position();")
        index = out.name("i")
        out.open(f"for (std::size_t {index} = 0; {index} < {count}; ++{index})")
        decode, self.decode = self.decode, False
        self.value(element, "")
        self.flush()
        self.decode = decode
        out.close()
        if self.decode:
            size = f"static_cast<std::size_t>(reader.position() - {first})"
            out.add(f"{target} = Sequence<{element.name}>({{{first}, {size}}}, {count});")

    def list(self, shape: Shape, target: str) -> None:
        element = shape.parts[0]
        wire_min = self.layout.structs[element.name].shape.wire_min if element.kind == "recursive" else element.wire_min
        out, count = self.out, self.count(wire_min)
        index = out.name("i")
        items = out.name("items")
        if self.decode:
            self.make(items, element.name, count)
        out.open(f"for (std::size_t {index} = 0; {index} < {count}; ++{index})")
        self.dynamic(element, f"{items}[{index}]")
        self.flush()
        out.close()
        if self.decode:
            out.add(f"{target} = List<{element.name}>({items}, {count});")

    def make(self, name: str, type_name: str, count: str = "") -> None:
        self.out.add(f"auto* const {name} = arena.make<{type_name}>({count});")
        self.out.add(f"if ({name} == nullptr) return reader.fail(Reason::memory_limit);")

    # ---- options and variants

    def quiet(self, shape: Shape, target: str) -> None:
        """A struct in which often nothing is set: then it is one comparison, and one constant."""
        self.flush()
        out = self.out
        name = words(shape.name)
        out.open(f"if (!reader.skip_if(quiet_{name}_bytes, sizeof quiet_{name}_bytes))")
        made = out.name("made")
        if self.decode:
            self.make(made, shape.name)
        self.dynamic(shape, f"(*{made})")
        self.flush()
        if self.decode:
            out.add(f"{target} = {made};")
            out.close("} else {")
            out.depth += 1
            out.add(f"{target} = &quiet_{name};")
        out.close()

    def tag(self, constructors: int, reason: str = "") -> None:
        self.flush()
        self.out.add(f"if (!reader.tag(tag_byte, {constructors}{reason})) return false;")

    def option_in_message(self, shape: Shape, target: str) -> None:
        self.tag(2, ", Reason::bad_option")
        self.optional(shape.parts[0], target, "tag_byte != 0", shape.kind == "option_in_arena")

    option_by_value = option_in_arena = option_in_message

    def optional(self, element: Shape, target: str, condition: str, in_arena: bool) -> None:
        """What may be absent: a pointer into the message, a pointer into the arena, or a std::optional."""
        out = self.out
        out.open(f"if ({condition})")
        if not self.decode:
            self.in_place(element, "")
        elif element.wire_size is not None and element.size > BY_VALUE_MAX:
            self.run.add(run_of(element, target))
        elif in_arena:
            made = out.name("made")
            self.make(made, element.name)
            self.dynamic(element, f"(*{made})")
            self.flush()
            out.add(f"{target} = {made};")
        else:
            value = out.name("value")
            out.add(f"auto& {value} = {target}.emplace();")
            self.in_place(element, value)
        self.flush()
        out.close()

    def in_place(self, element: Shape, target: str) -> None:
        if element.wire_size is not None:
            self.run.add(run_of(element, target if self.decode else ""))
        else:
            self.dynamic(element, target)

    def maybe(self, shape: Shape, target: str) -> None:
        index = next(i for i, a in enumerate(shape.parts) if a is not None)
        member = snake(shape.node.alternatives[index].name)
        self.variant_head(shape)
        self.optional(shape.parts[index], f"{target}.{member}" if target else member, self.is_tag(shape, index),
                      self.layout.argument_in_arena(shape.parts[index]))

    def is_tag(self, shape: Shape, index: int) -> str:
        if shape.node.kind == "poly":
            return f"tag_word == {polymorphic_tag(shape.node.alternatives[index].name)}u"
        return f"tag_byte == {index}"

    def variant_head(self, shape: Shape) -> None:
        if shape.node.kind != "poly":
            self.tag(len(shape.node.alternatives))
            return
        self.flush()
        p = self.out.name("p")
        self.out.add(f"auto const* const {p} = reader.take(4);")
        self.out.add(f"if ({p} == nullptr) return false;")
        self.out.add(f"tag_word = binprot::load_little_endian<std::uint32_t>({p});")
        wrong = " && ".join(f"tag_word != {polymorphic_tag(a.name)}u" for a in shape.node.alternatives)
        self.out.add(f"if ({wrong}) return reader.fail(Reason::unknown_variant, {p});")

    def single(self, shape: Shape, target: str) -> None:
        """A variant with one constructor."""
        member = snake(shape.node.alternatives[0].name)
        if shape.node.kind == "poly":
            self.variant_head(shape)
        else:
            self.run.add(Run(1, [("below", 0, 1, "unknown_variant")]))
        self.value(shape.parts[0], f"{target}.{member}" if target else member)

    def variant(self, shape: Shape, target: str) -> None:
        self.variant_head(shape)
        out = self.out
        is_poly = shape.node.kind == "poly"
        prefix = f"{target}." if target else ""
        if self.decode:
            out.add(f"{prefix}kind = static_cast<{shape.name}::Kind>({'tag_word' if is_poly else 'tag_byte'});")
        if sum(a is not None for a in shape.parts) == 0:
            return
        out.open(f"switch ({'tag_word' if is_poly else 'tag_byte'})")
        for index, argument in enumerate(shape.parts):
            alternative = shape.node.alternatives[index]
            if argument is None:
                continue
            out.open(f"case {f'{polymorphic_tag(alternative.name)}u' if is_poly else index}:")
            member = prefix + snake(alternative.name)
            if self.decode and self.layout.argument_in_arena(argument):
                made = out.name("made")
                self.make(made, argument.name)
                self.dynamic(argument, f"(*{made})")
                self.flush()
                out.add(f"{member} = {made};")
            elif not self.decode:
                self.in_place(argument, "")
            else:
                self.value(argument, member)
            self.flush()
            out.add("break;")
            out.close()
        out.add("default: break;")
        out.close()


def count_operations(shape: Shape) -> int:
    """Roughly, how many statements a type takes."""
    if shape.wire_size is not None:
        return 0
    if shape.kind in ("record", "forest"):
        return sum(count_operations(part) for _, part in shape.parts) + 1
    if shape.kind in ("maybe", "variant", "single"):
        return 1 + sum(count_operations(a) for a in shape.parts if a is not None)
    if shape.kind in ("vector", "list", "sequence", "alias") or shape.kind.startswith("option"):
        return 1 + sum(count_operations(part) for part in shape.parts)
    return 1


def with_variables(lines: list[str]) -> list[str]:
    """Declares the variables that the statements share."""
    text = "\n".join(lines)
    variables = []
    if "integer<" in text:
        variables.append("    std::int64_t integer = 0;")
    if "reader.string(skipped)" in text:
        variables.append("    base::ByteView skipped;")
    if "reader.tag(tag_byte," in text:
        variables.append("    std::uint8_t tag_byte = 0;")
    if "tag_word =" in text:
        variables.append("    std::uint32_t tag_word = 0;")
    return variables + lines


def function(head: str, lines: list[str]) -> str:
    return "\n".join([head + " {", *with_variables(lines), "}", ""])
