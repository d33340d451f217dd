"""The statements that encode a type: the mirror of codec.py, value by value."""
from codec import INLINE_OPERATIONS_MAX, Lines, count_operations
from layout import BY_VALUE_MAX, Layout, Shape, held_by_pointer, snake, words
from tables import polymorphic_tag


class Encoder:
    def __init__(self, layout: Layout):
        self.layout = layout
        self.out = Lines()

    def value(self, shape: Shape, source: str) -> None:
        """A value as a member holds it."""
        if held_by_pointer(shape):
            if shape.wire_size is not None:
                self.out.add(f"writer.put({source}, {shape.wire_size});")
            else:
                self.quiet(shape, source)
        else:
            self.in_place(shape, source)

    def in_place(self, shape: Shape, source: str) -> None:
        out = self.out
        kind = shape.kind
        if kind == "alias":
            self.in_place(shape.parts[0], source)
        elif kind == "unit":
            out.add("writer.put_byte(0);")
        elif kind == "bool":
            out.add(f"writer.put_byte({source} ? 1 : 0);")
        elif kind in ("char", "enum"):
            if shape.size == 4:
                out.add(f"writer.put_little_endian(static_cast<std::uint32_t>({source}), 4);")
            else:
                out.add(f"writer.put_byte(static_cast<std::uint8_t>({source}));")
        elif kind == "f64":
            out.add(f"writer.put_float({source});")
        elif shape.wire_size is not None:
            out.add(f"writer.put(&{source}, {shape.wire_size});")
        elif kind in ("int32", "int64", "int63"):
            # mina: an unsigned number travels as the signed one of the same bits.
            cast = {"int32": "std::int32_t", "int64": "std::int64_t"}.get(kind)
            out.add(f"writer.put_integer({f'static_cast<{cast}>({source})' if cast else source});")
        elif kind == "string":
            out.add(f"writer.put_string({source});")
        elif shape.definition is not None and not self.is_small(shape) or kind == "recursive":
            out.add(f"{source}.encode(writer);")
        else:
            getattr(self, kind)(shape, source)

    @staticmethod
    def is_small(shape: Shape) -> bool:
        if shape.kind in ("tree", "forest", "scan_tree", "variant"):
            return False
        return shape.kind != "record" or count_operations(shape) <= INLINE_OPERATIONS_MAX

    def record(self, shape: Shape, source: str) -> None:
        for name, part in shape.parts:
            self.value(part, f"{source}.{name}" if source else name)

    def vector(self, shape: Shape, source: str) -> None:
        self.loop(shape.parts[0], source)
        self.out.add("writer.put_byte(0);")

    def loop(self, element: Shape, source: str) -> None:
        item = self.out.name("item")
        self.out.open(f"for (auto const& {item} : {source})")
        if element.kind == "recursive":
            self.out.add(f"{item}.encode(writer);")
        else:
            self.in_place(element, item)
        self.out.close()

    def list(self, shape: Shape, source: str) -> None:
        self.out.add(f"writer.put_count({source}.size());")
        self.loop(shape.parts[0], source)

    def overlay_list(self, shape: Shape, source: str) -> None:
        self.out.add(f"writer.put_count({source}.size());")
        size = shape.parts[0].wire_size
        self.out.add(f"writer.put({source}.begin(), {source}.size(){f' * {size}' if size > 1 else ''});")

    def sequence(self, shape: Shape, source: str) -> None:
        self.out.add(f"writer.put_count({source}.size());")
        self.out.add(f"writer.put({source}.bytes());")

    def quiet(self, shape: Shape, source: str) -> None:
        name = words(shape.name)
        self.out.open(f"if ({source} == &quiet_{name})")
        self.out.add(f"writer.put(quiet_{name}_bytes, sizeof quiet_{name}_bytes);")
        self.out.close("} else {")
        self.out.depth += 1
        self.in_place(shape, f"(*{source})")
        self.out.close()

    def pointed(self, element: Shape, source: str) -> None:
        """What a pointer or a std::optional has."""
        if element.wire_size is not None and element.size > BY_VALUE_MAX:
            self.out.add(f"writer.put({source}, {element.wire_size});")
        else:
            self.in_place(element, f"(*{source})")

    def option_in_message(self, shape: Shape, source: str) -> None:
        self.out.add(f"writer.put_byte({source} ? 1 : 0);")
        self.out.open(f"if ({source})")
        self.pointed(shape.parts[0], source)
        self.out.close()

    option_by_value = option_in_arena = option_in_message

    def put_tag(self, shape: Shape, index: int) -> str:
        if shape.node.kind == "poly":
            return f"writer.put_little_endian({polymorphic_tag(shape.node.alternatives[index].name)}u, 4);"
        return f"writer.put_byte({index});"

    def maybe(self, shape: Shape, source: str) -> None:
        index = next(i for i, a in enumerate(shape.parts) if a is not None)
        member = snake(shape.node.alternatives[index].name)
        source = f"{source}.{member}" if source else member
        out = self.out
        out.open(f"if ({source})")
        out.add(self.put_tag(shape, index))
        self.pointed(shape.parts[index], source)
        out.close("} else {")
        out.depth += 1
        out.add(self.put_tag(shape, 1 - index))
        out.close()

    def single(self, shape: Shape, source: str) -> None:
        self.out.add(self.put_tag(shape, 0))
        member = snake(shape.node.alternatives[0].name)
        self.value(shape.parts[0], f"{source}.{member}" if source else member)

    def variant(self, shape: Shape, source: str) -> None:
        out = self.out
        prefix = f"{source}." if source else ""
        if shape.node.kind == "poly":
            out.add(f"writer.put_little_endian(static_cast<std::uint32_t>({prefix}kind), 4);")
        else:
            out.add(f"writer.put_byte(static_cast<std::uint8_t>({prefix}kind));")
        out.open(f"switch ({prefix}kind)")
        for index, argument in enumerate(shape.parts):
            name = snake(shape.node.alternatives[index].name)
            if argument is None:
                out.add(f"case Kind::{name}: break;")
                continue
            out.open(f"case Kind::{name}:")
            if self.layout.argument_in_arena(argument):
                self.in_place(argument, f"(*{prefix}{name})")
            else:
                self.value(argument, prefix + name)
            out.add("break;")
            out.close()
        out.close()
