#include "node/queries.h"

#include "mina/binprot/writer.h"
#include "mina/text/base58check.h"
#include "node/convert.h"

namespace mina::p2p {

namespace {

using text::Base58Kind;

constexpr std::size_t hash_bytes = 32;
constexpr std::uint32_t depth_max = 64;  // mina: ledgers have 35 levels

Query hash_of(Base58Kind kind, std::string const& text) {
    auto bytes = text::from_base58check(kind, text);
    if (bytes) return std::move(*bytes);
    return base::fail("'" + text + "' is not " + std::string(text::form_of(kind).name) + ": " +
                      text::to_string(bytes.error()));
}

base::ByteString written(auto const& write) {
    binprot::Writer counting({});
    write(counting);
    base::ByteString bytes(counting.size());
    binprot::Writer writer(bytes);
    write(writer);
    return bytes;
}

std::string hash_text(Base58Kind kind, base::ByteView bytes) { return text::to_base58check(kind, bytes); }

bool has_levels(messages::Format format) { return format != messages::Format::berkeley; }

// (ledger hash, What_child_hashes(address) | What_contents(address) | Num_accounts); from Mesa on the first has a
// number of levels too.
bool read_ledger_query(messages::Format format, binprot::Reader& reader, event::QuestionReceived& question) {
    auto const* const hash = reader.take(hash_bytes);
    std::uint8_t tag = 0;
    if (hash == nullptr || !reader.tag(tag, 3)) return false;
    LedgerQuery query{static_cast<LedgerQuery::Kind>(tag), 0, {}, 1};
    if (query.kind != LedgerQuery::Kind::account_count) {
        std::int64_t depth = 0;
        base::ByteView path;
        if (!reader.integer<binprot::Width::int63>(depth) || !reader.string(path)) return false;
        if (depth < 0 || depth > depth_max) return false;
        query.depth = static_cast<std::uint32_t>(depth);
        query.path.assign(path.begin(), path.end());
    }
    if (query.kind == LedgerQuery::Kind::child_hashes && has_levels(format)) {
        std::int64_t levels = 0;
        if (!reader.integer<binprot::Width::int63>(levels) || levels < 0 || levels > depth_max) return false;
        query.levels = static_cast<std::uint32_t>(levels);
    }
    question.ledger = LedgerHash{hash_text(Base58Kind::ledger_hash, {hash, hash_bytes})};
    question.ledger_query = std::move(query);
    return true;
}

void read_hashes(base::ByteView bytes, std::vector<StateHash>& hashes) {
    for (; bytes.size() >= hash_bytes; bytes = bytes.subspan(hash_bytes)) {
        hashes.push_back({hash_text(Base58Kind::state_hash, bytes.first(hash_bytes))});
    }
}

}  // namespace

Query unit_query() { return base::ByteString{0}; }

Query hash_query(StateHash const& hash) { return hash_of(Base58Kind::state_hash, hash.text); }

Query hashes_query(std::vector<StateHash> const& hashes) {
    base::ByteString all;
    for (auto const& hash : hashes) {
        TRY(auto const bytes, hash_query(hash));
        base::append(all, bytes);
    }
    return written([&](binprot::Writer& writer) {
        writer.put_count(hashes.size());
        writer.put(all);
    });
}

Query ancestry_query(Bytes const& consensus_state, StateHash const& block) {
    TRY(auto const hash, hash_query(block));
    auto query = base::to_byte_string(consensus_state.view());
    base::append(query, hash);
    return query;
}

Query ledger_query(messages::Format format, LedgerHash const& ledger, LedgerQuery const& query) {
    TRY(auto const hash, hash_of(Base58Kind::ledger_hash, ledger.text));
    auto const is_of_node = query.kind != LedgerQuery::Kind::account_count;
    if (is_of_node && (query.depth > depth_max || query.path.size() < (query.depth + 7) / 8)) {
        return base::fail("the path has " + std::to_string(query.path.size()) + " bytes, too few for a depth of " +
                          std::to_string(query.depth) + " (at most " + std::to_string(depth_max) + ")");
    }
    return written([&](binprot::Writer& writer) {
        writer.put(hash);
        writer.put_byte(static_cast<std::uint8_t>(query.kind));
        if (is_of_node) {
            writer.put_integer(query.depth);
            writer.put_string(query.path);
        }
        if (query.kind == LedgerQuery::Kind::child_hashes && has_levels(format)) writer.put_integer(query.levels);
    });
}

void read_query(messages::Format format, event::QuestionReceived& question) {
    auto const query = question.query.view();
    switch (question.method) {
        case Method::get_transition_chain: {
            binprot::Reader reader(query);
            std::size_t count = 0;
            if (reader.count(count, hash_bytes)) read_hashes(query.subspan(reader.offset()), question.state_hashes);
            return;
        }
        case Method::get_transition_chain_proof:
        case Method::get_staged_ledger: read_hashes(query, question.state_hashes); return;
        case Method::get_ancestry:
            if (query.size() >= hash_bytes) read_hashes(query.last(hash_bytes), question.state_hashes);
            return;
        case Method::answer_sync_ledger_query: {
            binprot::Reader reader(query);
            read_ledger_query(format, reader, question);
            return;
        }
        case Method::menu:
        case Method::get_some_initial_peers:
        case Method::get_best_tip:
        case Method::get_transition_knowledge:
        case Method::ban_notify:
        case Method::get_completed_snarks:
        case Method::get_node_status:
        case Method::get_epoch_ledger: return;
    }
}

}  // namespace mina::p2p
