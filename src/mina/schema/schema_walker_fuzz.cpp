// The walker, the explanation and the tree view agree on whether any bytes are a value of any type; a random value is
// one; a spoilt one is refused within its bytes, or is one. Input: a byte for the format, two for the type, one for
// what to do (walk the rest, or make a value of it).
#include "mina/schema/tree.h"

#include "base/check.h"
#include "mina/messages/format.h"
#include "mina/schema/fields.h"
#include "mina/schema/random.h"

#include <algorithm>
#include <iterator>

namespace {

using namespace mina::schema;

constexpr RandomShape shape{.bytes_max = 2048, .depth_max = 60};

Type const& type_at(std::uint8_t format, std::size_t root) {
    auto const& all = mina::messages::formats;
    auto const& roots = mina::messages::schema_of(all[format % std::size(all)]).roots;
    return *roots[root % roots.size()].type;
}

// The number of steps; every one lies within the bytes and behind the one before.
void check_steps(Type const& type, base::ByteView bytes, bool is_valid) {
    Walker walker(type, bytes);
    std::size_t offset = 0;
    auto next = walker.next();
    for (; next && *next; next = walker.next()) {
        auto const& step = **next;
        base::check(step.offset >= offset && walker.offset() >= step.offset, "steps go forward");
        base::check(walker.offset() <= bytes.size(), "steps stay within the bytes");
        base::check(step.depth < depth_max, "depth is bounded");
        offset = step.offset;
    }
    base::check(is_valid == (next && walker.offset() == bytes.size()), "the walker agrees with walk_all");
}

bool check_agreement(Type const& type, base::ByteView bytes) {
    auto const walked = walk_all(type, bytes);
    check_steps(type, bytes, walked.has_value());
    auto const explained = explain(type, bytes);
    base::check(walked.has_value() == !explained.has_value(), "the explanation agrees");
    std::size_t lines = 0;
    std::string last;
    TreeOptions const options{.depth_max = bytes.size() % 7, .elements_max = bytes.size() % 5};
    auto const shown = print_tree(type, bytes, options, [&](std::string_view line) {
        ++lines;
        last = line;
    });
    base::check(shown.has_value() == explained.has_value(), "the tree agrees");
    if (!explained) {
        base::check(lines > 0, "a value has a line");
        return true;
    }
    base::check(explained->error == walked.error() && shown->error == walked.error(), "there is one first error");
    base::check(explained->text == shown->text && last == shown->text, "it is told in one way");
    base::check(explained->error.offset <= bytes.size(), "it lies within the bytes");
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    base::ByteView input(data, size);
    if (input.size() < 4) return 0;
    auto const& type = type_at(input[0], std::size_t{input[1]} << 8 | input[2]);
    auto const makes_value = input[3] % 4 == 0;
    input = input.subspan(4);
    if (!makes_value) {
        check_agreement(type, input);
        first_unreduced_field(type, input);
        return 0;
    }
    auto const draw = [&] {
        std::uint64_t number = 0;
        auto const taken = std::min<std::size_t>(8, input.size());
        for (std::size_t i = 0; i < taken; ++i) number = number << 8 | input[i];
        input = input.subspan(taken);
        return number;
    };
    auto bytes = random_value(type, shape, draw);
    base::check(check_agreement(type, bytes), "a random value is valid");
    base::check(!first_unreduced_field(type, bytes), "a random value's fields are reduced");
    for (int i = 0; i < 4 && !input.empty(); ++i) {
        bytes = mutate(type, bytes, draw);
        bytes.shrink_to_fit();
        check_agreement(type, bytes);
    }
    return 0;
}
