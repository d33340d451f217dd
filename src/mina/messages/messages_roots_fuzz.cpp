// The generated validator, the generated decoder and the walker agree on every input, and what is valid is encoded
// again to the same bytes: for every root of every format. The input: a byte for the format, one for the root, then
// the message.
//
// The mutator knows the types: it makes fresh values, changes a value at a step of it (mina/schema/random.h), and now
// and then bytes as they come. MINAP2P_FUZZ_ROOT="mesa block" keeps it to one root.
#include "mina/messages/every_root.h"
#include "mina/schema/random.h"

#include "base/check.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace mina;
using base::ByteString;
using base::ByteView;
using messages::CodedRoot;

constexpr std::size_t header_bytes = 2;

std::array<std::vector<CodedRoot>, std::size(messages::formats)> const& roots_by_format() {
    static auto const all = [] {
        std::array<std::vector<CodedRoot>, std::size(messages::formats)> roots;
        for (auto const& root : messages::every_root()) roots[static_cast<std::size_t>(root.format)].push_back(root);
        return roots;
    }();
    return all;
}

// The bytes that choose the one root to keep to.
std::optional<base::ByteArray<header_bytes>> only_root() {
    static auto const only = []() -> std::optional<base::ByteArray<header_bytes>> {
        auto const* const name = std::getenv("MINAP2P_FUZZ_ROOT");
        if (name == nullptr) return std::nullopt;
        for (std::uint8_t format = 0; format < roots_by_format().size(); ++format) {
            auto const& roots = roots_by_format()[format];
            auto const found = std::ranges::find(roots, std::string(name), &CodedRoot::name);
            if (found != roots.end()) return {{format, static_cast<std::uint8_t>(found - roots.begin())}};
        }
        base::check(false, "MINAP2P_FUZZ_ROOT names a root: a format, a space, an alias");
        return std::nullopt;
    }();
    return only;
}

CodedRoot const& chosen_root(ByteView input) {
    auto const& roots = roots_by_format()[input[0] % roots_by_format().size()];
    return roots[input[1] % roots.size()];
}

// Numbers from a seed: SplitMix64.
struct Numbers {
    std::uint64_t state = 0;
    std::uint64_t operator()() {
        state += 0x9e3779b97f4a7c15;
        auto mixed = (state ^ state >> 30) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
        return mixed ^ mixed >> 31;
    }
};

// A changed message of at most `size_max` bytes.
ByteString changed(CodedRoot const& root, ByteView message, std::size_t size_max, Numbers& numbers) {
    auto const shape = schema::RandomShape{.bytes_max = numbers() % std::max<std::size_t>(size_max, 1)};
    auto bytes = numbers() % 8 == 0 ? schema::random_value(root.type(), shape, numbers)
                                    : schema::mutate(root.type(), message, numbers);
    if (bytes.size() > size_max) bytes = schema::shortest_value(root.type());
    if (bytes.size() > size_max) bytes.resize(size_max);
    return bytes;
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
    if (max_size < header_bytes) return size;
    Numbers numbers{seed};
    if (size < header_bytes) size = LLVMFuzzerMutate(data, size, max_size);
    if (size < header_bytes) {
        std::memset(data, 0, header_bytes);
        size = header_bytes;
    }
    if (numbers() % 32 == 0) {
        data[0] = static_cast<std::uint8_t>(numbers());
        data[1] = static_cast<std::uint8_t>(numbers());
    }
    if (auto const only = only_root()) std::ranges::copy(*only, data);
    auto* const message = data + header_bytes;
    auto const room = max_size - header_bytes;
    if (numbers() % 8 == 0) return header_bytes + LLVMFuzzerMutate(message, size - header_bytes, room);
    auto const root = chosen_root({data, size});
    auto const bytes = changed(root, {message, size - header_bytes}, room, numbers);
    std::ranges::copy(bytes, message);
    return header_bytes + bytes.size();
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size < header_bytes) return -1;
    if (auto const only = only_root(); only && !std::equal(only->begin(), only->end(), data)) return -1;
    auto const root = chosen_root({data, size});
    // As long as its content, so that the address sanitizer sees a read past the end.
    auto const message = base::to_byte_string(ByteView(data, size).subspan(header_bytes));

    auto const structure = messages::validate_structure(*root.codec, message);
    auto const walked = schema::walk_all(root.type(), message);
    base::check(structure.has_value() == walked.has_value(), "validator and walker agree");
    auto const said = messages::validate(*root.codec, message);
    if (structure) {
        auto const walker = messages::said_by_walker(root.type(), message);
        base::check(said == walker, "validator and walker agree on field elements");
    } else {
        base::check(!said && said.error() == structure.error(), "an error of the structure comes first");
        base::check(structure.error().offset <= message.size(), "an error lies inside the message");
    }

    auto const recoded = messages::recode(root, message);
    if (!recoded && recoded.error().reason == binprot::Reason::memory_limit) return 0;
    base::check(recoded.has_value() == structure.has_value(), "validator and decoder agree");
    if (!recoded) {
        base::check(recoded.error() == structure.error(), "validator and decoder name the same error");
        return 0;
    }
    base::check(recoded->size == message.size() && recoded->bytes == message, "a message has one encoding");
    return 0;
}
