// The bytes of a log. Little-endian; varints as in base/varint.h.
//
//   log      = segment 1, 2, …                          one file each
//   segment  = header, record…, zero bytes…             zeros where a crash left room that was not used
//   header   = magic[8], version u16, size u32 of the fields, fields, chain u64: the hash of all before
//   fields   = segment number, number of its first step, chain at the end of the segment before (0 in the first) u64,
//              build id counted, setup counted (empty but in the first segment)
//   record   = size u32 (of the body, above 0), body, chain u32 (the lower half)
//   body     = kind u8, effects u32, and for a
//     step     time since the step before in nanoseconds varint (of the first: since instant 0, modulo 2^64), input
//     digest   digest[32]
//     end      why u8                                     nothing follows in this segment
//
// `effects` is the effects hash of the last step before the record (0 when there is none). The chain of a record is the
// hash of its body, seeded with the chain before it. So damage, a lost and a foreign segment show.
#pragma once

#include "base/describe.h"
#include "base/result.h"
#include "libp2p/swarm/core.h"

#include <optional>
#include <variant>

namespace replay {

inline constexpr base::ByteArray<8> log_magic = {0x89, 'N', 'O', 'D', 'E', 'L', 'O', 'G'};
inline constexpr std::uint16_t log_version = 3;

enum class RecordKind : std::uint8_t { step = 1, digest = 2, end = 3 };
enum class EndKind : std::uint8_t {
    continues = 1,  // in the next segment
    closed = 2,     // the node has stopped
    full = 3,       // the log reached its bound; the node went on
};

struct SegmentHeader {
    std::uint64_t number = 0;
    std::uint64_t first_step = 0;  // steps count from 1
    std::uint64_t chain_before = 0;
    std::string build_id;
    base::ByteString setup;
    bool operator==(SegmentHeader const&) const = default;
};

/// Appends a header; returns its chain.
std::uint64_t append_header(base::ByteString& out, SegmentHeader const& header);

enum class HeaderError : std::uint8_t { not_a_log, other_version, damaged };
struct ParsedHeader {
    SegmentHeader header;
    std::size_t size = 0;  // in bytes
    std::uint64_t chain = 0;
};
base::Result<ParsedHeader, HeaderError> parse_header(base::ByteView segment);

/// Version of what starts with the magic; for the message about other_version.
std::uint16_t version_of(base::ByteView segment);

/// Each appends a record and continues the chain.
void append_step(base::ByteString& out, std::uint32_t effects, std::uint64_t time, libp2p::Input const& input,
                 std::uint64_t& chain);
void append_digest(base::ByteString& out, std::uint32_t effects, base::Digest const& digest, std::uint64_t& chain);
void append_end(base::ByteString& out, std::uint32_t effects, EndKind kind, std::uint64_t& chain);

struct StepRecord {
    std::uint64_t time = 0;
    base::MutableBytes input;
};
struct Record {
    std::uint32_t effects = 0;
    std::variant<StepRecord, base::Digest, EndKind> body;
};
struct ParsedRecord {
    Record record;
    std::size_t size = 0;  // in bytes, with its size field and chain
};
enum class RecordFault : std::uint8_t {
    damaged,
    torn,  // the damage reaches to the end of all that is not zero: the last writes did not arrive
};
/// The record at the start of `bytes`, the rest of a segment; continues the chain when it is whole. nullopt when only
/// zeros are left.
base::Result<std::optional<ParsedRecord>, RecordFault> parse_record(base::MutableBytes bytes, std::uint64_t& chain);

}  // namespace replay
