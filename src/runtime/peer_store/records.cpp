#include "runtime/peer_store/records.h"

#include "crypto/hash.h"

#include <algorithm>
#include <array>

namespace runtime {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t addresses_max = 64;  // a peer
constexpr std::int64_t nanoseconds_per_ms = 1'000'000;

using Milliseconds = std::optional<std::int64_t>;

Milliseconds to_ms(base::Instant at) {
    if (at == libp2p::long_ago || at == base::Instant::never()) return std::nullopt;
    auto const latest = std::chrono::duration_cast<base::Duration>(calendar_max).count();
    return std::clamp<std::int64_t>(at.nanoseconds, 0, latest) / nanoseconds_per_ms;
}

/// Of a column that may be NULL, which is `none`; nullopt when it makes no sense.
std::optional<base::Instant> from_ms(Statement const& row, int column, base::Instant none) {
    if (row.is_null(column)) return none;
    auto const ms = row.number(column);
    if (!ms || *ms < 0 || *ms > calendar_max / 1ms) return std::nullopt;
    return base::Instant{*ms * nanoseconds_per_ms};
}

/// Over an unambiguous encoding of the values.
class Checksum {
public:
    explicit Checksum(std::string_view table) { add(table); }
    Checksum& add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        base::append(bytes_, base::as_bytes(text));
        return *this;
    }
    Checksum& add(std::int64_t value) {
        auto const number = static_cast<std::uint64_t>(value);
        for (unsigned shift = 0; shift < 64; shift += 8) bytes_.push_back(static_cast<std::uint8_t>(number >> shift));
        return *this;
    }
    Checksum& add(Milliseconds value) { return add(std::int64_t{value.has_value()}).add(value.value_or(0)); }
    std::int64_t value() const {
        auto const hash = crypto::blake2b_256(bytes_);
        std::uint64_t number = 0;
        for (std::size_t i = 0; i < 8; ++i) number = number << 8 | hash[i];
        return static_cast<std::int64_t>(number);
    }

private:
    base::ByteString bytes_;
};

// ---- Peers ----

struct PeerRow {
    std::string id;
    std::string agent;
    std::string addresses;  // with a space between two
    Milliseconds last_connected;
    Milliseconds last_failed;
    std::int64_t failures = 0;
    std::int64_t is_anchor = 0;

    std::int64_t checksum() const {
        return Checksum("peers").add(id).add(agent).add(addresses).add(last_connected).add(last_failed).add(failures)
            .add(is_anchor).value();
    }
};

std::vector<libp2p::Multiaddr> parse_addresses(std::string_view text) {
    std::vector<libp2p::Multiaddr> addresses;
    while (!text.empty() && addresses.size() < addresses_max) {
        auto const end = std::min(text.find(' '), text.size());
        if (auto const address = libp2p::Multiaddr::from_text(text.substr(0, end))) addresses.push_back(*address);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return addresses;
}

std::optional<libp2p::StoredPeer> peer_in(Statement const& row, base::Instant now) {
    PeerRow content;
    auto id = row.text(0);
    auto agent = row.blob(1);
    auto addresses = row.text(2);
    auto const connected = from_ms(row, 3, libp2p::long_ago);
    auto const failed = from_ms(row, 4, libp2p::long_ago);
    auto const failures = row.number(5);
    auto const is_anchor = row.number(6);
    auto const checksum = row.number(7);
    if (!id || !agent || !addresses || !connected || !failed) return std::nullopt;
    if (!failures || !is_anchor || !checksum) return std::nullopt;
    content = {*id, *agent, *addresses, to_ms(*connected), to_ms(*failed), *failures, *is_anchor};
    if (content.checksum() != *checksum) return std::nullopt;
    auto const parsed = libp2p::PeerId::from_text(*id);
    if (!parsed || parsed->text() != *id || *failures < 0 || *failures > UINT32_MAX) return std::nullopt;
    return libp2p::StoredPeer{.id = *parsed,
                              .addresses = parse_addresses(*addresses),
                              .agent = std::move(*agent),
                              .last_connected = std::min(*connected, now),
                              .last_failed = std::min(*failed, now),
                              .failures = static_cast<std::uint32_t>(*failures),
                              .is_anchor = *is_anchor != 0};
}

// ---- Rules ----

struct RuleRow {
    std::string subject;
    std::string kind;
    Milliseconds until;
    std::int64_t offences = 0;
    std::string reason;
    std::int64_t made = 0;

    std::int64_t checksum() const {
        return Checksum("rules").add(subject).add(kind).add(until).add(offences).add(reason).add(made).value();
    }
};

std::string text_of(libp2p::RuleSubject const& subject) {
    if (auto const* const peer = std::get_if<libp2p::PeerId>(&subject)) return peer->text();
    return std::get_if<libp2p::IpRange>(&subject)->text();
}

std::optional<libp2p::RuleSubject> parse_subject(std::string_view text) {
    if (auto const range = libp2p::IpRange::parse(text)) return *range;
    if (auto const peer = libp2p::PeerId::from_text(text)) return *peer;
    return std::nullopt;
}

std::optional<libp2p::RuleKind> parse_kind(std::string_view text) {
    for (int i = 0; i < libp2p::rule_kind_count; ++i) {
        auto const kind = static_cast<libp2p::RuleKind>(i);
        if (libp2p::to_string(kind) == text) return kind;
    }
    return std::nullopt;
}

std::optional<libp2p::Rule> rule_in(Statement const& row, base::Instant now) {
    auto subject = row.text(0);
    auto kind = row.text(1);
    auto until = from_ms(row, 2, base::Instant::never());
    auto const offences = row.number(3);
    auto reason = row.blob(4);
    auto const made = from_ms(row, 5, libp2p::long_ago);
    auto const checksum = row.number(6);
    if (!subject || !kind || !until || !offences || !reason || !made || !checksum) return std::nullopt;
    RuleRow const content{*subject, *kind, to_ms(*until), *offences, *reason, to_ms(*made).value_or(0)};
    if (content.checksum() != *checksum) return std::nullopt;
    auto const parsed = parse_subject(*subject);
    auto const parsed_kind = parse_kind(*kind);
    if (!parsed || !parsed_kind || *offences < 0 || *offences > UINT32_MAX) return std::nullopt;
    // The clock has gone back since: the ban has left what it had then.
    if (*until != base::Instant::never() && *made > now) *until = now + (*until - *made);
    return libp2p::Rule{.subject = *parsed,
                        .kind = *parsed_kind,
                        .until = *until,
                        .offences = static_cast<std::uint32_t>(*offences),
                        .reason = std::move(*reason)};
}

/// Each row is either read into `out` or counted.
template <class Value, class Read>
int read_rows(Sqlite& database, char const* sql, std::size_t rows_max, std::vector<Value>& out, std::size_t& skipped,
              Read read) {
    Statement rows;
    auto const prepared = rows.prepare(database, sql);
    if (prepared != SQLITE_OK) return prepared;
    rows.bind(static_cast<std::int64_t>(rows_max));
    while (true) {
        auto const code = rows.step();
        if (code == SQLITE_DONE) return SQLITE_OK;
        if (code != SQLITE_ROW) return code;
        if (auto value = read(rows)) {
            out.push_back(std::move(*value));
        } else {
            ++skipped;
        }
    }
}

}  // namespace

int RecordWriter::prepare(Sqlite& database) {
    struct Wanted {
        Statement& statement;
        char const* sql;
    };
    std::array const all{
        Wanted{put_peer_,
               "INSERT OR REPLACE INTO peers(id, agent, addresses, last_connected_ms, last_failed_ms, failures,"
               " is_anchor, checksum) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"},
        Wanted{erase_peer_, "DELETE FROM peers WHERE id = ?"},
        Wanted{put_rule_,
               "INSERT OR REPLACE INTO rules(subject, kind, until_ms, offences, reason, made_ms, checksum)"
               " VALUES(?, ?, ?, ?, ?, ?, ?)"},
        Wanted{erase_rule_, "DELETE FROM rules WHERE subject = ? AND kind = ?"},
    };
    for (auto const& [statement, sql] : all) {
        if (auto const code = statement.prepare(database, sql); code != SQLITE_OK) return code;
    }
    return SQLITE_OK;
}

int RecordWriter::write(libp2p::StoredPeer const& peer) {
    PeerRow row{.id = peer.id.text(),
                .agent = peer.agent,
                .addresses = {},
                .last_connected = to_ms(peer.last_connected),
                .last_failed = to_ms(peer.last_failed),
                .failures = peer.failures,
                .is_anchor = peer.is_anchor ? 1 : 0};
    for (auto const& address : peer.addresses) {
        auto const text = address.text();
        if (text.contains(' ')) continue;
        if (!row.addresses.empty()) row.addresses += ' ';
        row.addresses += text;
    }
    put_peer_.bind(row.id).bind_blob(row.agent).bind(row.addresses).bind(row.last_connected).bind(row.last_failed);
    return put_peer_.bind(row.failures).bind(row.is_anchor).bind(row.checksum()).step();
}

int RecordWriter::write(libp2p::Rule const& rule, base::Duration made) {
    RuleRow const row{.subject = text_of(rule.subject),
                      .kind = std::string(libp2p::to_string(rule.kind)),
                      .until = to_ms(rule.until),
                      .offences = rule.offences,
                      .reason = rule.reason,
                      .made = to_ms(base::Instant{made.count()}).value_or(0)};
    put_rule_.bind(row.subject).bind(row.kind).bind(row.until).bind(row.offences).bind_blob(row.reason);
    return put_rule_.bind(row.made).bind(row.checksum()).step();
}

int RecordWriter::write(libp2p::StoreOrder const& order, base::Duration made) {
    int code = SQLITE_MISUSE;
    if (auto const* const put_peer = std::get_if<libp2p::PutPeer>(&order)) {
        put_peer_.reset();
        code = write(put_peer->peer);
        put_peer_.reset();
    } else if (auto const* const erase_peer = std::get_if<libp2p::ErasePeer>(&order)) {
        erase_peer_.reset();
        code = erase_peer_.bind(erase_peer->id.text()).step();
        erase_peer_.reset();
    } else if (auto const* const put_rule = std::get_if<libp2p::PutRule>(&order)) {
        put_rule_.reset();
        code = write(put_rule->rule, made);
        put_rule_.reset();
    } else if (auto const* const erase_rule = std::get_if<libp2p::EraseRule>(&order)) {
        erase_rule_.reset();
        auto const subject = text_of(erase_rule->subject);
        code = erase_rule_.bind(subject).bind(libp2p::to_string(erase_rule->kind)).step();
        erase_rule_.reset();
    }
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

ReadRecords read_records(Sqlite& database, std::size_t rows_max, base::Duration now) {
    ReadRecords read;
    base::Instant const today{now.count()};
    read.code = read_rows(database,
                          "SELECT id, agent, addresses, last_connected_ms, last_failed_ms, failures, is_anchor,"
                          " checksum FROM peers ORDER BY is_anchor DESC, last_connected_ms DESC, id LIMIT ?",
                          rows_max, read.stored.peers, read.skipped,
                          [&](Statement const& row) { return peer_in(row, today); });
    if (read.code != SQLITE_OK) return read;
    read.code = read_rows(database,
                          "SELECT subject, kind, until_ms, offences, reason, made_ms, checksum"
                          " FROM rules ORDER BY kind, subject LIMIT ?",
                          rows_max, read.stored.rules, read.skipped,
                          [&](Statement const& row) { return rule_in(row, today); });
    return read;
}

}  // namespace runtime
