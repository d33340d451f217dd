"""The functions of recursive types. They do not recurse: what is open stands in an array of `nesting_max` entries."""
from codec import Codec, function
from encoder import Encoder
from layout import Layout, Shape, snake


def statements(layout: Layout, decode: bool, parts, prefix: str = "", depth: int = 2) -> list[str]:
    """The statements that read some members."""
    codec = Codec(layout, decode)
    codec.out.depth = depth
    codec.out.names = 10 * depth  # inner blocks have other names
    for name, part in parts:
        codec.value(part, f"{prefix}{name}")
    codec.flush()
    return codec.out.lines


# ---- a record that ends in a list of its own type, perhaps inside other records

def split(shape: Shape, name: str):
    """The members before the list of the type itself, the list, and those after it, as (path, shape)."""
    before, after, found = [], [], None
    for member, part in shape.parts:
        if found is None and part.kind == "list" and part.parts[0].name == name:
            found = member
        elif found is None and part.kind == "record" and (inner := split(part, name))[1]:
            before += [(f"{member}.{path}", s) for path, s in inner[0]]
            found = f"{member}.{inner[1]}"
            after += [(f"{member}.{path}", s) for path, s in inner[2]]
        elif found is None:
            before.append((member, part))
        else:
            after.append((member, part))
    return before, found, after


def forest_functions(layout: Layout, shape: Shape) -> str:
    name = shape.name
    before, children, after = split(shape, name)
    validate = [
        "    std::size_t left[binprot::nesting_max];  // of each list that is open",
        "    std::size_t depth = 0;",
        "    for (;;) {",
        *statements(layout, False, before),
        "        std::size_t count = 0;",
        f"        if (!reader.count(count, {shape.wire_min})) return false;",
        "        if (count != 0) {",
        "            if (depth + 1 == binprot::nesting_max) return reader.fail(Reason::too_deep);",
        "            left[depth++] = count;",
        "            continue;",
        "        }",
        "        for (;;) {",
        *statements(layout, False, after, depth=3),
        "            if (depth == 0) return true;",
        "            if (--left[depth - 1] != 0) break;",
        "            --depth;",
        "        }",
        "    }",
    ]
    decode = [
        "    struct Open {",
        f"        {name}* next;",
        "        std::size_t left;",
        "    };",
        "    Open open[binprot::nesting_max];",
        "    std::size_t depth = 0;",
        f"    auto* at = this;",
        "    for (;;) {",
        *statements(layout, True, before, "at->"),
        "        std::size_t count = 0;",
        f"        if (!reader.count(count, {shape.wire_min})) return false;",
        "        if (count != 0) {",
        "            if (depth + 1 == binprot::nesting_max) return reader.fail(Reason::too_deep);",
        f"            auto* const items = arena.make<{name}>(count);",
        "            if (items == nullptr) return reader.fail(Reason::memory_limit);",
        f"            at->{children} = List<{name}>(items, count);",
        "            open[depth++] = {items, count};",
        "            at = items;",
        "            continue;",
        "        }",
        "        for (;;) {",
        *statements(layout, True, after, "at->", 3),
        "            if (depth == 0) return true;",
        "            auto& list = open[depth - 1];",
        "            if (--list.left != 0) {",
        "                at = ++list.next;",
        "                break;",
        "            }",
        "            --depth;",
        "        }",
        "    }",
    ]
    encode = [
        "    struct Open {",
        f"        {name} const* next;",
        "        std::size_t left;",
        "    };",
        "    Open open[binprot::nesting_max];",
        "    std::size_t depth = 0;",
        f"    auto const* at = this;",
        "    for (;;) {",
        *encoded(layout, before, 2),
        f"        auto const& items = at->{children};",
        "        writer.put_count(items.size());",
        "        if (!items.empty()) {",
        "            base::check(depth + 1 < binprot::nesting_max, \"message: nested too deeply to be encoded\");",
        "            open[depth++] = {items.begin(), items.size()};",
        "            at = items.begin();",
        "            continue;",
        "        }",
        "        for (;;) {",
        *encoded(layout, after, 3),
        "            if (depth == 0) return;",
        "            auto& list = open[depth - 1];",
        "            if (--list.left != 0) {",
        "                at = ++list.next;",
        "                break;",
        "            }",
        "            --depth;",
        "        }",
        "    }",
    ]
    return "\n".join([
        function(f"bool {name}::validate(Reader& reader)", validate),
        function(f"bool {name}::decode(Reader& reader, Arena& arena)", decode),
        function(f"void {name}::encode(Writer& writer) const", encode),
    ])


def encoded(layout: Layout, parts, depth: int) -> list[str]:
    encoder = Encoder(layout)
    encoder.out.depth = depth
    for name, part in parts:
        encoder.value(part, f"at->{name}")
    return encoder.out.lines


# ---- a tree of pairs: <Leaf(T) | Digest(D) | Node(D, tree, tree)>

def tree_functions(layout: Layout, shape: Shape) -> str:
    name = shape.name
    leaf, digest = shape.parts[0], shape.parts[1]
    leaf_name, digest_name = (snake(a.name) for a in shape.node.alternatives[:2])
    digest_size = digest.wire_size
    leaf_is_overlay = leaf.wire_size is not None
    validate = [
        "    std::uint8_t left[binprot::nesting_max];  // branches that each open node still wants",
        "    std::size_t depth = 0;",
        "    for (;;) {",
        "        if (!reader.tag(tag_byte, 3)) return false;",
        "        if (tag_byte == 0) {",
        *statements(layout, False, [("", leaf)], depth=3),
        "        } else {",
        *statements(layout, False, [("", digest)], depth=3),
        "        }",
        "        if (tag_byte == 2) {",
        "            if (depth + 1 == binprot::nesting_max) return reader.fail(Reason::too_deep);",
        "            left[depth++] = 2;",
        "            continue;",
        "        }",
        "        while (depth != 0 && --left[depth - 1] == 0) --depth;",
        "        if (depth == 0) return true;",
        "    }",
    ]
    made = ["            " + line for line in (
        f"auto* const made = arena.make<{leaf.name}>();",
        "if (made == nullptr) return reader.fail(Reason::memory_limit);",
        "if (!made->decode(reader, arena)) return false;",
        f"at->{leaf_name} = made;")]
    decode = [
        "    struct Open {",
        f"        {name}* node;  // that wants its right branch",
        "        std::size_t level;",
        "    };",
        "    Open open[binprot::nesting_max];",
        "    std::size_t depth = 0;",
        "    std::size_t level = 0;",
        "    auto* at = this;",
        "    for (;;) {",
        "        if (!reader.tag(tag_byte, 3)) return false;",
        "        at->kind = static_cast<Kind>(tag_byte);",
        "        if (tag_byte == 0) {",
        *(statements(layout, True, [(leaf_name, leaf)], "at->", 3) if leaf_is_overlay else made),
        "        } else {",
        *statements(layout, True, [(digest_name, digest)], "at->", 3),
        "        }",
        "        auto const is_node = tag_byte == 2;",
        "        if (!is_node && depth == 0) return true;",
        f"        auto* const made = arena.make<{name}>();",
        "        if (made == nullptr) return reader.fail(Reason::memory_limit);",
        "        if (is_node) {",
        "            if (++level == binprot::nesting_max) return reader.fail(Reason::too_deep);",
        "            at->left = made;",
        "            open[depth++] = {at, level};",
        "        } else {",
        "            auto const& last = open[--depth];",
        "            last.node->right = made;",
        "            level = last.level;",
        "        }",
        "        at = made;",
        "    }",
    ]
    leaf_bytes = f"at->{leaf_name}->encode(writer);"
    if leaf_is_overlay:
        leaf_bytes = f"writer.put(at->{leaf_name}, {leaf.wire_size});"
    encode = [
        f"    {name} const* open[binprot::nesting_max];",
        "    std::size_t depth = 0;",
        "    auto const* at = this;",
        "    for (;;) {",
        "        writer.put_byte(static_cast<std::uint8_t>(at->kind));",
        f"        if (at->kind == Kind::{leaf_name}) {{",
        f"            {leaf_bytes}",
        "        } else {",
        f"            writer.put(at->{digest_name}, {digest_size});",
        "        }",
        "        if (at->left != nullptr) {",
        "            base::check(depth + 1 < binprot::nesting_max, \"message: nested too deeply to be encoded\");",
        "            open[depth++] = at;",
        "            at = at->left;",
        "        } else {",
        "            if (depth == 0) return;",
        "            at = open[--depth]->right;",
        "        }",
        "    }",
    ]
    return "\n".join([
        function(f"bool {name}::validate(Reader& reader)", validate),
        function(f"bool {name}::decode(Reader& reader, Arena& arena)", decode),
        function(f"void {name}::encode(Writer& writer) const", encode),
    ])
