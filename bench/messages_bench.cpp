// How fast Mina's messages are validated, decoded and encoded, beside a copy of the same bytes in the same run:
// minap2p_messages_bench [google-benchmark's options]
//
// Decoding goes into an arena that is cleared each time, encoding into a buffer that is there. Times are CPU times of
// the thread; of several repetitions, in random order, the best counts. The messages are those of the shared folder,
// and two larger ones composed of them.
#include "staged_ledger.h"
#include "table_reporter.h"

#include "base/testing/counted_new.h"
#include "mina/messages/berkeley/roots.h"
#include "mina/messages/messages.h"
#include "mina/schema/fields.h"
#include "mina/schema/walker.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

namespace mina::bench {

namespace {

std::string const folder = MINAP2P_SHARED_DIR "/data/berkeley/";

base::ByteString file(std::string const& name, std::size_t skipped = 0) {
    std::ifstream stream(folder + name, std::ios::binary);
    base::ByteString bytes(std::istreambuf_iterator<char>(stream), {});
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(std::min(skipped, bytes.size())));
    return bytes;
}
base::ByteString golden(std::string const& name) { return file("golden/" + name + ".bin"); }
base::ByteString gossip(std::string const& name) {
    return file("golden/gossip-" + name + ".bin", messages::frame_header_bytes);
}

// Once before it is measured, so that what is kept between calls is there.
template <class Call>
void run(benchmark::State& state, char const* operation, base::ByteView bytes, Call call) {
    call();
    std::size_t allocated = 0;
    for (auto _ : state) {
        allocated += base::testing::allocations_of(call).count;
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(bytes.size()) * state.iterations());
    state.counters["bytes"] = static_cast<double>(bytes.size());
    state.counters[std::string("allocations_") + operation] =
        static_cast<double>(allocated) / static_cast<double>(state.iterations());
}

// A message, and what it is decoded to.
template <class T>
struct Message {
    explicit Message(base::ByteString message) : bytes(std::move(message)), buffer(bytes.size()) {}
    base::ByteString bytes;
    base::ByteString buffer;
    binprot::Arena arena;
    T const* value = nullptr;
};

template <class T>
void validate(benchmark::State& state, Message<T>& message, messages::RootCodec const& codec) {
    run(state, "validate", message.bytes, [&] {
        if (!messages::validate(codec, message.bytes)) state.SkipWithError("not valid");
    });
}

template <class T>
void decode(benchmark::State& state, Message<T>& message) {
    run(state, "decode", message.bytes, [&] {
        message.arena.clear();
        auto const value = messages::decode<T>(message.bytes, message.arena);
        if (!value) return state.SkipWithError("not decoded");
        benchmark::DoNotOptimize(*value);
    });
    auto const used = static_cast<double>(message.arena.used_bytes());
    state.counters["arena"] = used / static_cast<double>(message.bytes.size());
}

template <class T>
void encode(benchmark::State& state, Message<T>& message) {
    message.arena.clear();
    auto const value = messages::decode<T>(message.bytes, message.arena);
    if (!value) return state.SkipWithError("not decoded");
    run(state, "encode", message.bytes, [&] {
        binprot::Writer writer(message.buffer);
        messages::encode_value(**value, writer);
        benchmark::DoNotOptimize(message.buffer.data());
        benchmark::ClobberMemory();
    });
    if (message.buffer != message.bytes) state.SkipWithError("not encoded as it was");
}

template <class T>
void copy(benchmark::State& state, Message<T>& message) {
    run(state, "memcpy", message.bytes, [&] {
        std::memcpy(message.buffer.data(), message.bytes.data(), message.bytes.size());
        benchmark::DoNotOptimize(message.buffer.data());
        benchmark::ClobberMemory();
    });
}

template <class T>
void add(std::string const& name, std::string_view root_name, base::ByteString bytes) {
    auto const& root = *schema::find_root(messages::schema_of(messages::Format::berkeley), root_name);
    auto const& codec = *messages::codec_of(messages::Format::berkeley, root);
    auto const message = std::make_shared<Message<T>>(std::move(bytes));
    auto const measure = [&](char const* operation, auto function) {
        benchmark::RegisterBenchmark((name + "/" + operation).c_str(), [=](benchmark::State& state) {
            function(state, *message);
        });
    };
    measure("validate", [&codec](benchmark::State& state, Message<T>& one) { validate(state, one, codec); });
    measure("decode", decode<T>);
    measure("encode", encode<T>);
    measure("memcpy", copy<T>);
}

// So many blocks, every second one with all that a block can have. Requires 128 or more.
base::ByteString chain(std::uint8_t blocks) {
    base::ByteString const all[] = {file("devnet-357934-block.bin"), golden("block-rich")};
    // Some, and a count of two bytes.
    base::ByteString bytes = {1, binprot::lead_int16, blocks, 0};
    for (std::size_t i = 0; i < blocks; ++i) base::append(bytes, all[i % 2]);
    return bytes;
}

// A gossip message as large as one may be, of the transactions of a small one again and again.
base::ByteString many_transactions(base::ByteView small) {
    constexpr std::size_t bytes_wanted = 31'000'000;
    binprot::Arena arena;
    auto message = **messages::decode<berkeley::Gossip>(small, arena);
    auto& commands = message.transaction_pool_diff.diff;
    std::vector<berkeley::UserCommand> many;
    for (auto copies = bytes_wanted / small.size(); copies != 0; --copies)
        many.insert(many.end(), commands.begin(), commands.end());
    commands = {many.data(), many.size()};
    return messages::encode(message);
}

// What a hostile peer would send: each field element is -1, and so has to be compared with its modulus.
base::ByteString with_largest_fields(schema::Type const& type, base::ByteString bytes) {
    schema::Walker walker(type, bytes);
    for (auto next = walker.next(); next && *next; next = walker.next()) {
        auto const kind = (*next)->type->kind;
        if (kind != schema::Kind::field_p && kind != schema::Kind::field_q) continue;
        auto const at = bytes.begin() + static_cast<std::ptrdiff_t>((*next)->offset);
        std::ranges::copy(kind == schema::Kind::field_p ? schema::modulus_p : schema::modulus_q, at);
        *at -= 1;
    }
    return bytes;
}

void add_all() {
    using namespace berkeley;
    using StagedLedger = GetStagedLedgerAuxAndPendingCoinbasesAtHashResponse;
    constexpr auto staged = "get_staged_ledger_aux_and_pending_coinbases_at_hash.response";
    constexpr std::size_t staged_bytes = 59'000'000;
    add<Block>("block 357934", "block", file("devnet-357934-block.bin"));
    add<Block>("block with every variant", "block", golden("block-rich"));
    add<Gossip>("SNARK diff, one proof", "gossip", gossip("snark-pool-diff-one"));
    add<Gossip>("SNARK diff, two proofs", "gossip", gossip("snark-pool-diff-two"));
    add<Gossip>("transaction diff, 6 commands", "gossip", gossip("tx-pool-diff"));
    add<Gossip>("transaction diff, 3 zkApps", "gossip", gossip("tx-pool-diff-zkapps"));
    auto const transactions = many_transactions(gossip("tx-pool-diff-zkapps"));
    auto const& gossip_type = *schema::find_root(messages::schema_of(messages::Format::berkeley), "gossip")->type;
    add<Gossip>("transaction diff, 31 MB", "gossip", transactions);
    add<Gossip>("transaction diff, 31 MB, fields of -1", "gossip", with_largest_fields(gossip_type, transactions));
    add<ZkappCommand>("zkApp with a signature", "zkapp-command", file("zkapp/with_sig_auth.bin"));
    add<ZkappCommand>("zkApp with every variant", "zkapp-command", golden("zkapp-rich"));
    add<ProtocolState>("protocol state", "protocol-state", file("protocol-state.bin"));
    add<Account>("account", "account", golden("account-0"));
    add<Account>("account of a zkApp", "account", golden("account-2"));
    add<GetTransitionChainResponse>("transition chain, 150 blocks", "get_transition_chain.response", chain(150));
    auto const small = golden("get-staged-ledger-aux.response");
    add<StagedLedger>("staged ledger, small", staged, small);
    add<StagedLedger>("staged ledger, large", staged, staged_ledger(small, staged_bytes));
}

}  // namespace

}  // namespace mina::bench

int main(int count, char** arguments) {
    if (mina::bench::golden("block-rich").empty()) {
        fmt::print(stderr, "minap2p_messages_bench: error: no messages in {}\n", mina::bench::folder);
        return 1;
    }
    // Those of the command line come later and win.
    std::vector<std::string> defaults = {arguments[0], "--benchmark_repetitions=5", "--benchmark_min_time=0.05",
                                         "--benchmark_enable_random_interleaving=true"};
    std::vector<char*> all;
    for (auto& one : defaults) all.push_back(one.data());
    for (int i = 1; i < count; ++i) all.push_back(arguments[i]);
    auto all_count = static_cast<int>(all.size());
    benchmark::Initialize(&all_count, all.data());
    if (benchmark::ReportUnrecognizedArguments(all_count, all.data())) return 1;
    mina::bench::add_all();
    mina::bench::TableReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return 0;
}
