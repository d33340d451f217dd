"""The functions of recursive types. They do not recurse: what is open stands in an array of `nesting_max` entries."""
from codec import Codec, function
from encoder import Encoder
from layout import Layout, Shape, snake

MADE_AT_ONCE_MAX = 16  # branches of a tree


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
#
# Whether a digest or a node comes next is nothing that a processor can guess, and a wrong guess at every node would
# cost more than all else. So the loops below have no branch for it: both trees of a node are put on a stack in any
# case, and the stack grows by `tag_byte & 2`: by two for a node, which is constructor 2, and else by nothing.

def tree_functions(layout: Layout, shape: Shape) -> str:
    return "\n".join([tree_validate(layout, shape), tree_decode(layout, shape), tree_encode(shape)])


def tree_validate(layout: Layout, shape: Shape) -> str:
    leaf, digest = shape.parts[0], shape.parts[1]
    return function(f"bool {shape.name}::validate(Reader& reader)", [
        "    std::uint16_t levels[binprot::nesting_max + 2];  // of the nodes whose trees are still to come",
        "    std::size_t open = 0;",
        "    std::size_t level = 1;",
        "    for (;;) {",
        "        if (!reader.tag(tag_byte, 3)) return false;",
        "        if (tag_byte == 0) {",
        *statements(layout, False, [("", leaf)], depth=3),
        "        } else {",
        *statements(layout, False, [("", digest)], depth=3),
        "        }",
        "        levels[open] = levels[open + 1] = static_cast<std::uint16_t>(level);",
        "        open += tag_byte & 2;",
        "        if (open == 0) return true;",
        "        level = std::size_t{levels[--open]} + 1;",
        "        if (level > binprot::nesting_max) return reader.fail(Reason::too_deep);",
        "    }",
    ])


def tree_decode(layout: Layout, shape: Shape) -> str:
    name = shape.name
    leaf, digest = shape.parts[0], shape.parts[1]
    leaf_name, digest_name = (snake(a.name) for a in shape.node.alternatives[:2])
    leaf_lines = statements(layout, True, [(leaf_name, leaf)], "at->", 3)
    if leaf.wire_size is None:
        leaf_lines = ["            " + line for line in (
            f"auto* const held = arena.make<{leaf.name}>();",
            "if (held == nullptr) return reader.fail(Reason::memory_limit);",
            "if (!held->decode(reader, arena)) return false;",
            f"at->{leaf_name} = held;")]
    return function(f"bool {name}::decode(Reader& reader, Arena& arena)", [
        "    struct Place {",
        f"        {name} const** tree;",
        "        std::size_t level;  // of its node",
        "    };",
        "    Place places[binprot::nesting_max + 2];  // of the trees that are still to come",
        "    std::size_t open = 0;",
        "    std::size_t level = 1;",
        f"    {name}* made = nullptr;",
        "    std::size_t made_count = 1;  // at a time",
        "    std::size_t left_over = 0;   // of them",
        "    auto* at = this;",
        "    for (;;) {",
        "        if (!reader.tag(tag_byte, 3)) return false;",
        "        at->kind = static_cast<Kind>(tag_byte);",
        "        if (tag_byte == 0) {",
        *leaf_lines,
        "        } else {",
        *statements(layout, True, [(digest_name, digest)], "at->", 3),
        "        }",
        "        places[open] = {&at->right, level};",
        "        places[open + 1] = {&at->left, level};",
        "        open += tag_byte & 2;",
        "        if (open == 0) return true;",
        "        auto const& place = places[--open];",
        "        level = place.level + 1;",
        "        if (level > binprot::nesting_max) return reader.fail(Reason::too_deep);",
        "        if (left_over == 0) {",
        f"            left_over = made_count = std::min<std::size_t>(2 * made_count, {MADE_AT_ONCE_MAX});",
        f"            made = arena.make<{name}>(made_count);",
        "            if (made == nullptr) return reader.fail(Reason::memory_limit);",
        "        }",
        "        --left_over;",
        "        at = made++;",
        "        *place.tree = at;",
        "    }",
    ])


def tree_encode(shape: Shape) -> str:
    name = shape.name
    leaf, digest = shape.parts[0], shape.parts[1]
    leaf_name, digest_name = (snake(a.name) for a in shape.node.alternatives[:2])
    leaf_bytes = f"at->{leaf_name}->encode(writer);"
    if leaf.wire_size is not None:
        leaf_bytes = f"writer.put(at->{leaf_name}, {leaf.wire_size});"
    return function(f"void {name}::encode(Writer& writer) const", [
        f"    {name} const* trees[binprot::nesting_max + 2];  // that are still to come",
        "    std::size_t open = 0;",
        "    auto const* at = this;",
        "    for (;;) {",
        "        auto const tag_byte = static_cast<std::uint8_t>(at->kind);",
        "        writer.put_byte(tag_byte);",
        "        if (tag_byte == 0) {",
        f"            {leaf_bytes}",
        "        } else {",
        f"            writer.put(at->{digest_name}, {digest.wire_size});",
        "        }",
        "        base::check(open < binprot::nesting_max, \"message: nested too deeply to be encoded\");",
        "        trees[open] = at->right;",
        "        trees[open + 1] = at->left;",
        "        open += tag_byte & 2;",
        "        if (open == 0) return;",
        "        at = trees[--open];",
        "    }",
    ])
