// Protobuf fields that are read can be written and read again; and a stream of messages is the same
// however it is cut. The input: 2 bytes of limits, 8 bytes that place the cuts, then the stream.
#include "libp2p/wire/length_prefixed.h"
#include "libp2p/wire/protobuf.h"

#include "base/check.h"
#include "base/writer.h"

#include <algorithm>

namespace {

using base::ByteString;
using base::ByteView;
using libp2p::LengthPrefixed;
using libp2p::LengthPrefixError;
namespace protobuf = libp2p::protobuf;

struct Field {
    std::uint32_t number = 0;
    protobuf::WireType type = protobuf::WireType::varint;
    std::uint64_t value = 0;
    ByteString bytes;
    bool operator==(Field const&) const = default;
};

std::vector<Field> fields_of(ByteView message, bool& ok) {
    std::vector<Field> fields;
    protobuf::Reader reader(message);
    while (auto const* field = reader.next()) {
        fields.push_back(
            {field->number, field->type, field->number_value, base::to_byte_string(field->bytes)});
    }
    ok = reader.ok();
    return fields;
}

void check_fields(ByteView message) {
    bool ok = false;
    auto fields = fields_of(message, ok);
    ByteString written;
    for (auto& field : fields) {
        if (field.type == protobuf::WireType::bytes) {
            protobuf::append_bytes_field(written, field.number, field.bytes);
        } else {
            field.type = protobuf::WireType::varint;
            protobuf::append_varint_field(written, field.number, field.value);
        }
    }
    bool again_ok = false;
    base::check(fields_of(written, again_ok) == fields && again_ok, "fields survive");
}

struct Outcome {
    std::vector<ByteString> messages;
    std::optional<LengthPrefixError> error;
    bool operator==(Outcome const&) const = default;
};

Outcome run(ByteView stream, std::size_t limit, std::size_t budget_bytes, std::uint64_t cuts) {
    base::MemoryBudget budget(budget_bytes);
    Outcome outcome;
    {
        LengthPrefixed reader(limit, &budget);
        while (!stream.empty() && !outcome.error) {
            // A small generator of sizes, mostly short: the cuts are the fuzzer's to choose.
            cuts = cuts * 6364136223846793005U + 1442695040888963407U;
            auto const size = std::min<std::size_t>(stream.size(), (cuts >> 33) % 24);
            auto const chunk = base::to_byte_string(stream.first(size));
            stream = stream.subspan(size);
            reader.feed(chunk);
            for (;;) {
                auto const message = reader.next();
                if (!message) outcome.error = message.error();
                if (!message || !*message) break;
                outcome.messages.push_back(base::to_byte_string(**message));
            }
            base::check(reader.held_bytes() <= limit && reader.held_bytes() <= budget.used(),
                        "what is held is charged");
        }
    }
    base::check(budget.used() == 0, "all is given back");
    return outcome;
}

Outcome run_whole(ByteView stream, std::size_t limit) {
    Outcome outcome;
    LengthPrefixed reader(limit);
    reader.feed(stream);
    for (;;) {
        auto const message = reader.next();
        if (!message) outcome.error = message.error();
        if (!message || !*message) return outcome;
        base::check((*message)->empty() ||
                        ((*message)->data() >= stream.data() &&
                         (*message)->data() + (*message)->size() <= stream.data() + stream.size()),
                    "a whole message is a view of the chunk");
        outcome.messages.push_back(base::to_byte_string(**message));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    ByteView const input(data, size);
    if (input.size() < 10) return 0;
    auto const limit = std::size_t{input[0]} * 16;
    auto const budget = std::size_t{input[1]} * 16;
    std::uint64_t cuts = 0;
    for (auto const byte : input.subspan(2, 8)) cuts = cuts << 8 | byte;
    auto const stream = input.subspan(10);

    check_fields(stream);
    auto const whole = run_whole(stream, limit);
    for (auto const& message : whole.messages) check_fields(message);
    base::check(run(stream, limit, limit, cuts) == whole, "the same however it is cut");
    // With less memory than a message needs it may end earlier, but never otherwise.
    auto const poor = run(stream, limit, budget, cuts);
    base::check(poor.messages.size() <= whole.messages.size() &&
                    std::equal(poor.messages.begin(), poor.messages.end(), whole.messages.begin()),
                "a poor reader sees the same messages");
    base::check(poor.error == LengthPrefixError::over_budget || poor == whole,
                "and ends early for lack of memory only");
    return 0;
}
