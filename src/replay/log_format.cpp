#include "replay/log_format.h"

#include "base/reader.h"
#include "base/writer.h"
#include "replay/hash64.h"
#include "replay/input_codec.h"

#include <algorithm>

namespace replay {

namespace {

void append_u32_le(base::ByteString& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

std::uint32_t u32_le(base::Reader& reader) { return __builtin_bswap32(reader.u32_be()); }

constexpr std::size_t prologue_bytes = log_magic.size() + 2 + 4;
constexpr std::size_t size_bytes = 4;
constexpr std::size_t chain_bytes = 4;

/// A record under construction: its size is known at its end.
class RecordBuilder {
public:
    RecordBuilder(base::ByteString& out, RecordKind kind, std::uint32_t effects) : out_(out), start_(out.size()) {
        append_u32_le(out_, 0);
        out_.push_back(static_cast<std::uint8_t>(kind));
        append_u32_le(out_, effects);
    }
    void finish(std::uint64_t& chain) {
        auto const body = base::ByteView(out_).subspan(start_ + size_bytes);
        for (std::size_t i = 0; i < size_bytes; ++i) out_[start_ + i] = static_cast<std::uint8_t>(body.size() >> (8 * i));
        chain = hash64(body, chain);
        append_u32_le(out_, static_cast<std::uint32_t>(chain));
    }

private:
    base::ByteString& out_;
    std::size_t start_;
};

std::optional<Record> parse_body(base::MutableBytes body) {
    base::Reader reader(body);
    auto const kind = static_cast<RecordKind>(reader.u8());
    Record record;
    record.effects = u32_le(reader);
    switch (kind) {
        case RecordKind::step: {
            auto const time = reader.varint();
            if (!reader.ok()) return std::nullopt;
            record.body = StepRecord{time, body.last(reader.rest().size())};
            return record;
        }
        case RecordKind::digest: {
            base::Digest digest{};
            if (!reader.ok() || reader.rest().size() != digest.size()) return std::nullopt;
            std::ranges::copy(reader.rest(), digest.begin());
            record.body = digest;
            return record;
        }
        case RecordKind::end: {
            auto const why = reader.u8();
            if (!reader.done() || why < 1 || why > static_cast<std::uint8_t>(EndKind::full)) return std::nullopt;
            record.body = static_cast<EndKind>(why);
            return record;
        }
    }
    return std::nullopt;
}

}  // namespace

std::uint64_t append_header(base::ByteString& out, SegmentHeader const& header) {
    base::ByteString fields;
    base::append_varint(fields, header.number);
    base::append_varint(fields, header.first_step);
    base::append_u64_le(fields, header.chain_before);
    base::append_counted(fields, base::as_bytes(header.build_id));
    base::append_counted(fields, header.setup);
    auto const start = out.size();
    base::append(out, log_magic);
    out.push_back(static_cast<std::uint8_t>(log_version & 0xFF));
    out.push_back(static_cast<std::uint8_t>(log_version >> 8));
    append_u32_le(out, static_cast<std::uint32_t>(fields.size()));
    base::append(out, fields);
    auto const chain = hash64(base::ByteView(out).subspan(start));
    base::append_u64_le(out, chain);
    return chain;
}

std::uint16_t version_of(base::ByteView segment) {
    base::Reader reader(segment.subspan(std::min(segment.size(), log_magic.size())));
    return __builtin_bswap16(reader.u16_be());
}

base::Result<ParsedHeader, HeaderError> parse_header(base::ByteView segment) {
    if (segment.size() < prologue_bytes || !base::equal(segment.first(log_magic.size()), log_magic)) {
        return base::fail(HeaderError::not_a_log);
    }
    if (version_of(segment) != log_version) return base::fail(HeaderError::other_version);
    base::Reader prologue(segment.subspan(log_magic.size() + 2));
    auto const size = u32_le(prologue);
    auto fields = base::Reader(prologue.bytes(size));
    base::Reader end(prologue.rest());
    auto const chain = end.u64_le();
    if (!prologue.ok() || !end.ok() || hash64(segment.first(prologue_bytes + size)) != chain) {
        return base::fail(HeaderError::damaged);
    }
    ParsedHeader parsed;
    parsed.header.number = fields.varint();
    parsed.header.first_step = fields.varint();
    parsed.header.chain_before = fields.u64_le();
    parsed.header.build_id = base::as_text(fields.counted());
    parsed.header.setup = base::to_byte_string(fields.counted());
    if (!fields.done()) return base::fail(HeaderError::damaged);
    parsed.size = prologue_bytes + size + 8;
    parsed.chain = chain;
    return parsed;
}

void append_step(base::ByteString& out, std::uint32_t effects, std::uint64_t time, libp2p::Input const& input,
                 std::uint64_t& chain) {
    RecordBuilder record(out, RecordKind::step, effects);
    base::append_varint(out, time);
    encode_input(out, input);
    record.finish(chain);
}

void append_digest(base::ByteString& out, std::uint32_t effects, base::Digest const& digest, std::uint64_t& chain) {
    RecordBuilder record(out, RecordKind::digest, effects);
    base::append(out, digest);
    record.finish(chain);
}

void append_end(base::ByteString& out, std::uint32_t effects, EndKind kind, std::uint64_t& chain) {
    RecordBuilder record(out, RecordKind::end, effects);
    out.push_back(static_cast<std::uint8_t>(kind));
    record.finish(chain);
}

base::Result<std::optional<ParsedRecord>, RecordFault> parse_record(base::MutableBytes bytes, std::uint64_t& chain) {
    auto const is_zero = [](std::uint8_t byte) { return byte == 0; };
    base::Reader reader(bytes);
    auto const body_bytes = u32_le(reader);
    if (body_bytes == 0) {
        if (std::ranges::all_of(bytes, is_zero)) return std::nullopt;
        return base::fail(bytes.size() < size_bytes ? RecordFault::torn : RecordFault::damaged);
    }
    auto const record_bytes = std::uint64_t{size_bytes} + body_bytes + chain_bytes;
    if (record_bytes > bytes.size()) return base::fail(RecordFault::torn);
    auto const body = bytes.subspan(size_bytes, body_bytes);
    auto const continued = hash64(body, chain);
    base::Reader end(bytes.subspan(size_bytes + body_bytes, chain_bytes));
    auto const parsed = parse_body(body);
    if (u32_le(end) != static_cast<std::uint32_t>(continued) || !parsed) {
        auto const behind = bytes.subspan(static_cast<std::size_t>(record_bytes));
        return base::fail(std::ranges::all_of(behind, is_zero) ? RecordFault::torn : RecordFault::damaged);
    }
    chain = continued;
    return ParsedRecord{*parsed, static_cast<std::size_t>(record_bytes)};
}

}  // namespace replay
