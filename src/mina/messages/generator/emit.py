"""Writes the C++ of a format: a header and a source file for each group."""
import textwrap

from codec import Codec, function, with_variables
from encoder import Encoder
from grammar import Schema
from layout import Layout, Shape, Struct, held_by_pointer, held_type, snake, words
from recursion import forest_functions, tree_functions
from tables import polymorphic_tag

HEADER_INCLUDES = ["mina/binprot/arena.h", "mina/binprot/list.h", "mina/binprot/writer.h"]


def initial(type_name: str) -> str:
    if type_name.endswith("*"):
        return " = nullptr"
    if type_name == "bool":
        return " = false"
    return " = 0" if type_name.startswith("std::uint") or type_name in ("std::int64_t", "char", "double") else "{}"


class Format:
    def __init__(self, schema: Schema, layout: Layout, headline: str):
        self.schema = schema
        self.layout = layout
        self.headline = headline

    def groups(self) -> list[str]:
        order = [*self.schema.groups]
        return [g for g in order if any(s.group == g for s in self.layout.structs.values())]

    def files(self) -> dict[str, str]:
        files = {}
        for group in self.groups():
            structs = [s for s in self.layout.structs.values() if s.group == group]
            files[f"{self.schema.name}/{group}.h"] = self.header(group, structs)
            if any(self.has_functions(s) for s in structs):
                files[f"{self.schema.name}/{group}.cpp"] = self.source(group, structs)
        return files

    @staticmethod
    def has_functions(struct: Struct) -> bool:
        return not struct.alias_of and struct.shape.kind not in ("alias", "enum")

    # ---- headers

    def header(self, group: str, structs: list[Struct]) -> str:
        known = self.groups()
        before = known[:known.index(group)]
        includes = [f"mina/messages/{self.schema.name}/{before[-1]}.h"] if before else [*HEADER_INCLUDES]
        includes += sorted({f"mina/messages/{s.alias_of.split('::')[0]}/{group}.h" for s in structs
                            if "::" in s.alias_of and not s.alias_of.startswith("messages::")})
        if any(s.shape.kind == "scan_tree" for s in structs):
            includes.append("mina/messages/scan_tree.h")
        body = [self.declare(s) for s in structs]
        recursive = [s.name for s in structs if s.shape.kind in ("tree", "forest") and not s.alias_of]
        forward = [f"struct {name};" for name in recursive] + ([""] if recursive else [])
        return "\n".join([
            self.headline, f"// {self.schema.name}: {self.schema.groups[group]}.", "#pragma once", "",
            *[f'#include "{name}"' for name in sorted(includes)], "", "#include <optional>", "",
            f"namespace mina::{self.schema.name} {{", "",
            "using binprot::Arena;", "using binprot::Field;", "using binprot::List;", "using binprot::Reader;",
            "using binprot::Sequence;", "using binprot::Writer;", "",
            *forward, *body, f"}}  // namespace mina::{self.schema.name}", "",
        ])

    def declare(self, struct: Struct) -> str:
        shape = struct.shape
        title = f"/// {struct.comment}\n" if struct.comment else ""
        quiet = self.quiet(struct, shape) if shape.quiet is not None and held_by_pointer(shape) else []
        if struct.alias_of or shape.kind == "alias":
            return "\n".join([f"{title}using {struct.name} = {struct.alias_of or shape.parts[0].name};", *quiet, ""])
        if shape.kind == "enum":
            return title + self.enum(struct.name, shape, "") + "\n"
        lines = [f"struct {struct.name} {{", *self.members(shape), *self.functions(shape), "};"]
        if shape.kind == "overlay":
            lines.append(f"static_assert(sizeof({struct.name}) == {shape.wire_size} && alignof({struct.name}) == 1);")
        return title + "\n".join(lines + quiet) + "\n"

    @staticmethod
    def quiet(struct: Struct, shape: Shape) -> list[str]:
        name = f"quiet_{words(struct.name)}"
        if struct.alias_of:
            scope, _, other = struct.alias_of.rpartition("::")
            twin = f"{scope}::quiet_{words(other)}" if scope else f"quiet_{words(other)}"
            return [f"inline constexpr auto const& {name} = {twin};",
                    f"inline constexpr auto const& {name}_bytes = {twin}_bytes;"]
        values = textwrap.wrap(", ".join(str(byte) for byte in shape.quiet), 110)
        return ["/// Nothing in it is set.", f"inline constexpr {struct.name} {name}{{}};",
                f"inline constexpr std::uint8_t {name}_bytes[] = {{",
                *(f"    {line}" for line in values), "};"]

    @staticmethod
    def enum(name: str, shape: Shape, indent: str) -> str:
        is_poly = shape.node.kind == "poly"
        underlying = "std::uint32_t" if is_poly else "std::uint8_t"
        names = [snake(a.name) + (f" = {polymorphic_tag(a.name)}u" if is_poly else "") for a in shape.node.alternatives]
        text = textwrap.wrap(", ".join(names) + ",", 110 - len(indent), break_long_words=False)
        lines = "\n".join(f"{indent}    {t}" for t in text)
        return f"{indent}enum class {name} : {underlying} {{\n{lines}\n{indent}}};"

    def members(self, shape: Shape) -> list[str]:
        if shape.kind == "overlay":
            return [f"    {part.name} {name}{initial(part.name)};" for name, part in shape.parts]
        if shape.kind in ("record", "forest"):
            return [f"    {held_type(part)} {name}{initial(held_type(part))};"
                    for name, part in shape.parts if part.kind != "unit"]
        lines = []
        if shape.kind in ("variant", "tree"):
            lines = [self.enum("Kind", shape, "    "), "    Kind kind{};"]
        if shape.kind == "tree":
            account, digest = shape.parts[0], shape.parts[1]
            return [*lines, f"    {account.name} const* {snake(shape.node.alternatives[0].name)} = nullptr;",
                    f"    {digest.name} const* {snake(shape.node.alternatives[1].name)} = nullptr;  // of a node, too",
                    f"    {shape.name} const* left = nullptr;", f"    {shape.name} const* right = nullptr;"]
        for alternative, argument in zip(shape.node.alternatives, shape.parts, strict=True):
            if argument is not None:
                type_name = self.argument_type(shape, argument)
                lines.append(f"    {type_name} {snake(alternative.name)}{initial(type_name)};")
        return lines

    def argument_type(self, shape: Shape, argument: Shape) -> str:
        if self.layout.argument_in_arena(argument):
            return f"{argument.name} const*"
        if shape.kind == "maybe" and not held_by_pointer(argument):
            return f"std::optional<{argument.name}>"
        return held_type(argument)

    @staticmethod
    def functions(shape: Shape) -> list[str]:
        if shape.kind == "overlay":
            return [f"    bool operator==({shape.name} const&) const = default;",
                    "    static bool validate(Reader& reader);"]
        arena = "" if shape.flat else ", Arena& arena"
        return ["", "    static bool validate(Reader& reader);", f"    bool decode(Reader& reader{arena});",
                "    void encode(Writer& writer) const;"]

    # ---- sources

    def source(self, group: str, structs: list[Struct]) -> str:
        functions = []
        for struct in structs:
            if self.has_functions(struct):
                functions.append(self.define(struct))
        checks = ['#include "base/check.h"', ""] if any("base::check" in text for text in functions) else []
        return "\n".join([
            self.headline, f'#include "mina/messages/{self.schema.name}/{group}.h"', "", *checks,
            f"namespace mina::{self.schema.name} {{", "", "using binprot::Modulus;", "using binprot::Reason;",
            "using binprot::Width;", "",
            *functions, f"}}  // namespace mina::{self.schema.name}", "",
        ])

    def define(self, struct: Struct) -> str:
        shape = struct.shape
        if shape.kind == "tree":
            return tree_functions(self.layout, shape)
        if shape.kind == "forest":
            return forest_functions(self.layout, shape)
        functions = [function(f"bool {shape.name}::validate(Reader& reader)", self.read(shape, decode=False))]
        if shape.kind != "overlay":
            arena = "" if shape.flat else ", [[maybe_unused]] Arena& arena"
            head = f"bool {shape.name}::decode(Reader& reader{arena})"
            functions.append(function(head, self.read(shape, decode=True)))
            encoder = Encoder(self.layout)
            getattr(encoder, shape.kind)(shape, "")
            head = f"void {shape.name}::encode([[maybe_unused]] Writer& writer) const"
            functions.append(function(head, encoder.out.lines))
        return "\n".join(functions)

    def read(self, shape: Shape, decode: bool) -> list[str]:
        codec = Codec(self.layout, decode)
        if shape.kind == "overlay":
            codec.value(shape, "")
        else:
            getattr(codec, shape.kind)(shape, "")
        codec.flush()
        return [*codec.out.lines, "    return true;"]

    def registry(self) -> str:
        """The roots' codecs, in the order of the schema's roots."""
        rows = []
        for root in self.schema.roots:
            shape = self.layout.of_root(root)
            rows.append(f"    codec_of<{self.schema.name}::{shape.name}>(),  // {root.alias}")
        return "\n".join([
            self.headline, f'#include "mina/messages/{self.schema.name}/roots.h"',
            '#include "mina/messages/tables.h"', "",
            "namespace mina::messages {", "", "namespace {", "", "constexpr RootCodec codecs[] = {", *rows, "};", "",
            "}  // namespace", "",
            f"std::span<RootCodec const> {self.schema.name}_codecs() {{ return codecs; }}", "",
            "}  // namespace mina::messages", "",
        ])
