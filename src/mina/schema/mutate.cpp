#include "mina/schema/integers.h"
#include "mina/schema/random.h"
#include "mina/schema/walker.h"

#include <algorithm>
#include <array>

namespace mina::schema {

namespace {

constexpr RandomShape splice_shape{.bytes_max = 512, .depth_max = 24};

// A value inside a message: its first step, and where it ends.
struct Target {
    Step step;
    std::size_t end = 0;
};

// Steps that begin or read a value, before the end or the first error.
std::size_t count_values(Type const& type, base::ByteView bytes) {
    Walker walker(type, bytes);
    std::size_t count = 0;
    for (auto next = walker.next(); next && *next; next = walker.next()) count += (*next)->what != Step::What::end;
    return count;
}

// The value at which the steps counted above are `skipped` further. Requires that there is one.
Target find_value(Type const& type, base::ByteView bytes, std::size_t skipped) {
    Walker walker(type, bytes);
    Target target;
    bool found = false;
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const& step = **next;
        if (!found && step.what != Step::What::end && skipped-- == 0) {
            target.step = step;
            found = true;
        }
        target.end = walker.offset();
        if (found && step.depth == target.step.depth && step.what != Step::What::begin) break;
    }
    return target;
}

// A lead byte and what it announces, of a random number: the shortest form or a longer one, cut off or not.
base::ByteString hostile_integer(Draw draw) {
    constexpr std::array<std::uint8_t, 8> leads = {0xfc, 0xfd, 0xfe, 0xff, 0x7f, 0x80, 0xfb, 0x00};
    base::ByteString bytes;
    auto const number = draw() >> draw() % 64;
    switch (draw() % 4) {
        case 0: append_count(bytes, number); break;
        case 1: append_integer(bytes, static_cast<std::int64_t>(number)); break;
        default: {
            bytes.push_back(leads[draw() % leads.size()]);
            auto const size = draw() % 9;
            for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * (i % 8))));
        }
    }
    return bytes;
}

base::ByteString one_byte(Draw draw) {
    // Small ones are tags that may be known.
    return {static_cast<std::uint8_t>(draw() % 2 == 0 ? draw() % 8 : draw())};
}

// What stands in place of the value at the target.
base::ByteString changed(Target const& target, base::ByteView value, Draw draw) {
    auto const& step = target.step;
    auto const is_header = step.header_bytes != 0;
    auto const header = is_header ? value.first(step.header_bytes) : value;
    auto const rest = value.subspan(header.size());
    auto out = base::to_byte_string(value);
    switch (draw() % 8) {
        case 0: {
            out = one_byte(draw);
            base::append(out, rest);
            return out;
        }
        case 1: {
            out = hostile_integer(draw);
            base::append(out, rest);
            return out;
        }
        case 2:
            if (!out.empty()) out[draw() % out.size()] ^= static_cast<std::uint8_t>(1 << draw() % 8);
            return out;
        case 3: return {};
        case 4: base::append(out, value); return out;
        case 5: out.resize(draw() % (out.size() + 1)); return out;
        case 6: {
            if (step.type->kind != Kind::list) return random_value(*step.type, splice_shape, draw);
            // A list of one more: it stays valid, unless the element is too deep.
            out.clear();
            append_count(out, step.count + 1);
            base::append(out, random_value(*step.type->element, splice_shape, draw));
            base::append(out, rest);
            return out;
        }
        default: return random_value(*step.type, splice_shape, draw);
    }
}

}  // namespace

base::ByteString mutate(Type const& type, base::ByteView valid, Draw draw) {
    auto const count = count_values(type, valid);
    if (count == 0) return one_byte(draw);
    auto const target = find_value(type, valid, draw() % count);
    auto const begin = target.step.offset;
    auto out = base::to_byte_string(valid.first(begin));
    base::append(out, changed(target, valid.subspan(begin, target.end - begin), draw));
    base::append(out, valid.subspan(target.end));
    return out;
}

}  // namespace mina::schema
