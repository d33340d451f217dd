#include "libp2p/gossipsub/rpc_codec.h"

#include "base/varint.h"
#include "libp2p/gossipsub/gossipsub_limits.h"
#include "libp2p/wire/protobuf.h"

namespace libp2p::gossipsub {
namespace {

using protobuf::Field;
using protobuf::WireType;

/// Reads one RPC. Each reader returns false when its part is malformed.
class RpcReader {
public:
    std::optional<Rpc> read(base::ByteView bytes) {
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (!read_field(*field)) return std::nullopt;
        }
        if (!reader.ok()) return std::nullopt;
        return std::move(rpc_);
    }

private:
    bool read_field(Field const& field) {
        if (field.number < 1 || field.number > 3) return true;
        if (field.type != WireType::bytes) return false;
        if (field.number == 1) return count_part() && read_subscription(field.bytes);
        if (field.number == 2) return count_part() && read_message(field.bytes);
        rpc_.has_control = true;
        return read_control(field.bytes);
    }

    bool count_part() { return ++parts_ <= rpc_parts_max; }

    bool read_subscription(base::ByteView bytes) {
        SubscriptionPart part;
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number == 1) {
                if (field->type != WireType::varint) return false;
                part.subscribe = field->number_value != 0;
            } else if (field->number == 2) {
                if (field->type != WireType::bytes) return false;
                part.topic = base::as_text(field->bytes);
            }
        }
        rpc_.subscriptions.push_back(part);
        return reader.ok();
    }

    bool read_message(base::ByteView bytes) {
        MessagePart part;
        part.encoding = bytes;
        std::optional<base::ByteView>* const fields[] = {&part.from,  &part.data,      &part.sequence_number,
                                                         &part.topic, &part.signature, &part.key};
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number < 1 || field->number > std::size(fields)) {
                part.has_unknown_fields = true;
                continue;
            }
            auto& value = *fields[field->number - 1];
            if (field->type != WireType::bytes || value.has_value()) return false;
            value = field->bytes;
        }
        part.is_malformed = !reader.ok();
        rpc_.messages.push_back(part);
        return true;
    }

    bool read_control(base::ByteView bytes) {
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number < 1 || field->number > 4) continue;
            if (field->type != WireType::bytes || !count_part()) return false;
            if (field->number == 1 && !read_ihave(field->bytes)) return false;
            if (field->number == 2 && !read_iwant(field->bytes)) return false;
            if (field->number == 3 && !read_graft(field->bytes)) return false;
            if (field->number == 4 && !read_prune(field->bytes)) return false;
        }
        return reader.ok();
    }

    bool read_ihave(base::ByteView bytes) {
        IHavePart part;
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number != 1 && field->number != 2) continue;
            if (field->type != WireType::bytes) return false;
            if (field->number == 1) {
                part.topic = base::as_text(field->bytes);
            } else if (++ihave_ids_ > rpc_ids_max) {
                rpc_.is_ihave_cut = true;
                break;
            } else {
                part.ids.push_back(field->bytes);
            }
        }
        rpc_.ihave.push_back(std::move(part));
        return reader.ok();
    }

    bool read_iwant(base::ByteView bytes) {
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number != 1) continue;
            if (field->type != WireType::bytes) return false;
            if (rpc_.iwant.size() == rpc_ids_max) {
                rpc_.is_iwant_cut = true;
                break;
            }
            rpc_.iwant.push_back(field->bytes);
        }
        return reader.ok();
    }

    bool read_graft(base::ByteView bytes) {
        std::string_view topic;
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number != 1) continue;
            if (field->type != WireType::bytes) return false;
            topic = base::as_text(field->bytes);
        }
        rpc_.graft.push_back(topic);
        return reader.ok();
    }

    bool read_prune(base::ByteView bytes) {
        PrunePart part;
        protobuf::Reader reader(bytes);
        while (auto const* field = reader.next()) {
            if (field->number == 1) {
                if (field->type != WireType::bytes) return false;
                part.topic = base::as_text(field->bytes);
            } else if (field->number == 3) {
                if (field->type != WireType::varint) return false;
                part.backoff_seconds = field->number_value;
            }
        }
        rpc_.prune.push_back(part);
        return reader.ok();
    }

    Rpc rpc_;
    std::size_t parts_ = 0;
    std::size_t ihave_ids_ = 0;
};

void append_optional(base::ByteString& out, std::uint32_t number, std::optional<base::ByteView> const& value) {
    if (value) protobuf::append_bytes_field(out, number, *value);
}

/// The size of the field at the front of a well-formed message, and its number.
struct Extent {
    std::size_t size = 0;
    std::uint64_t number = 0;
};
Extent front_field(base::ByteView bytes) {
    auto const tag = base::read_varint(bytes).varint.value_or(base::Varint{0, bytes.size()});
    auto const rest = bytes.subspan(tag.size);
    auto const type = static_cast<WireType>(tag.value & 7);
    auto const number = tag.value >> 3;
    if (type == WireType::fixed64) return {tag.size + 8, number};
    if (type == WireType::fixed32) return {tag.size + 4, number};
    auto const value = base::read_varint(rest).varint.value_or(base::Varint{0, rest.size()});
    auto const body = type == WireType::bytes ? static_cast<std::size_t>(value.value) : 0;
    return {tag.size + value.size + body, number};
}

/// How many of `ids` from `first` fit beside `used` bytes, and their size as fields.
struct Fit {
    std::size_t count = 0;
    std::size_t bytes = 0;
};
Fit fit_ids(std::vector<base::ByteView> const& ids, std::size_t first, std::uint32_t number, std::size_t used,
            std::size_t bytes_max) {
    constexpr std::size_t header_room = 8;  // tag and length of the part itself
    Fit fit;
    while (first + fit.count < ids.size()) {
        auto const size = protobuf::bytes_field_size(number, ids[first + fit.count].size());
        if (used + header_room + fit.bytes + size > bytes_max) break;
        fit.bytes += size;
        ++fit.count;
    }
    return fit;
}

void append_ids(base::ByteString& out, std::vector<base::ByteView> const& ids, std::size_t first, std::size_t count,
                std::uint32_t number) {
    for (std::size_t i = 0; i < count; ++i) protobuf::append_bytes_field(out, number, ids[first + i]);
}

}  // namespace

std::optional<Rpc> decode_rpc(base::ByteView rpc) { return RpcReader().read(rpc); }

base::ByteString encode_message(MessagePart const& message) {
    base::ByteString out;
    out.reserve(message.data.value_or(base::ByteView{}).size() + 256);
    append_optional(out, 1, message.from);
    append_optional(out, 2, message.data);
    append_optional(out, 3, message.sequence_number);
    append_optional(out, 4, message.topic);
    append_optional(out, 5, message.signature);
    append_optional(out, 6, message.key);
    return out;
}

base::ByteString signed_part(MessagePart const& message) {
    MessagePart covered = message;
    covered.signature.reset();
    covered.key.reset();
    auto out = encode_message(covered);
    if (!message.has_unknown_fields) return out;
    for (auto rest = message.encoding; !rest.empty();) {
        auto const [size, number] = front_field(rest);
        if (size > rest.size()) break;  // it was read as well-formed
        if (number < 1 || number > 6) base::append(out, rest.first(size));
        rest = rest.subspan(size);
    }
    return out;
}

std::size_t message_rpc_size(std::size_t message_size) { return protobuf::bytes_field_size(2, message_size); }

base::SharedBytes frame_message(base::ByteView message) {
    auto const rpc_size = message_rpc_size(message.size());
    base::ByteString frame;
    frame.reserve(base::varint_size(rpc_size) + rpc_size);
    base::append_varint(frame, rpc_size);
    protobuf::append_bytes_field(frame, 2, message);
    return base::SharedBytes::take(std::move(frame));
}

base::SharedBytes frame_rpc(base::ByteView subscriptions, base::ByteView control) {
    auto const control_size = control.empty() ? 0 : protobuf::bytes_field_size(3, control.size());
    auto const rpc_size = subscriptions.size() + control_size;
    base::ByteString frame;
    frame.reserve(base::varint_size(rpc_size) + rpc_size);
    base::append_varint(frame, rpc_size);
    base::append(frame, subscriptions);
    if (!control.empty()) protobuf::append_bytes_field(frame, 3, control);
    return base::SharedBytes::take(std::move(frame));
}

void append_subscription(base::ByteString& out, std::string_view topic, bool subscribe) {
    constexpr std::size_t flag_bytes = 2;
    protobuf::append_bytes_header(out, 1, flag_bytes + protobuf::bytes_field_size(2, topic.size()));
    protobuf::append_varint_field(out, 1, subscribe ? 1 : 0);
    protobuf::append_bytes_field(out, 2, base::as_bytes(topic));
}

void append_graft(base::ByteString& out, std::string_view topic) {
    protobuf::append_bytes_header(out, 3, protobuf::bytes_field_size(1, topic.size()));
    protobuf::append_bytes_field(out, 1, base::as_bytes(topic));
}

void append_prune(base::ByteString& out, std::string_view topic, std::optional<std::uint64_t> backoff_seconds) {
    auto const backoff_bytes = backoff_seconds ? 1 + base::varint_size(*backoff_seconds) : 0;
    protobuf::append_bytes_header(out, 4, protobuf::bytes_field_size(1, topic.size()) + backoff_bytes);
    protobuf::append_bytes_field(out, 1, base::as_bytes(topic));
    if (backoff_seconds) protobuf::append_varint_field(out, 3, *backoff_seconds);
}

std::size_t append_ihave(base::ByteString& out, std::string_view topic, std::vector<base::ByteView> const& ids,
                         std::size_t first, std::size_t bytes_max) {
    auto const topic_bytes = protobuf::bytes_field_size(1, topic.size());
    auto const fit = fit_ids(ids, first, 2, topic_bytes, bytes_max);
    if (fit.count == 0) return 0;
    protobuf::append_bytes_header(out, 1, topic_bytes + fit.bytes);
    protobuf::append_bytes_field(out, 1, base::as_bytes(topic));
    append_ids(out, ids, first, fit.count, 2);
    return fit.count;
}

std::size_t append_iwant(base::ByteString& out, std::vector<base::ByteView> const& ids, std::size_t first,
                         std::size_t bytes_max) {
    auto const fit = fit_ids(ids, first, 1, 0, bytes_max);
    if (fit.count == 0) return 0;
    protobuf::append_bytes_header(out, 2, fit.bytes);
    append_ids(out, ids, first, fit.count, 1);
    return fit.count;
}

}  // namespace libp2p::gossipsub
