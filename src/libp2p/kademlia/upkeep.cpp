#include "libp2p/kademlia/steps.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

constexpr int key_attempts_max = 4096;
constexpr Timer refresh_timer{Timer::Kind::refresh, 0};
constexpr Timer upkeep_timer{Timer::Kind::upkeep, 0};

/// A key that lies in a bucket, or as near to it as few attempts find. It has the form of a peer id, so that every peer
/// can be asked for it; mina: the Rust node closes at any other.
base::ByteString random_key(Step& step, std::size_t bucket) {
    base::ByteString key(34);
    base::ByteString best;
    std::size_t best_bucket = 0;
    key[0] = 0x12;
    key[1] = 0x20;
    step.env.rng.fill_public(base::MutableBytes(key).subspan(2));
    for (int attempt = 0; attempt < key_attempts_max; ++attempt) {
        key[2] = static_cast<std::uint8_t>(attempt);
        key[3] = static_cast<std::uint8_t>(attempt >> 8);
        auto const found = step.state.table.bucket_of(key_of(key));
        if (found == bucket) return key;
        if (best.empty() || (found < bucket && found > best_bucket)) {
            best = key;
            best_bucket = found;
        }
    }
    return best;
}

void start_refresh(Step& step, base::ByteString key) {
    auto const id = start_query(step, {.kind = QueryKind::refresh, .key = std::move(key)});
    step.state.refreshing = id;
    advance_query(step, id);
}

void schedule_refresh(Step& step) {
    auto& state = step.state;
    auto const& config = state.config;
    auto wait = config.refresh_interval;
    if (state.table.size() < config.small_table) {
        constexpr std::uint32_t doublings_max = 16;
        wait = std::min(wait, config.refresh_soon * (1 << std::min(state.small_refreshes, doublings_max)));
        ++state.small_refreshes;
    } else {
        state.small_refreshes = 0;
    }
    state.timers.set(refresh_timer, step.env.now + step.env.rng.between(wait - wait / 10, wait + wait / 10));
}

bool is_there_anybody(State const& state) { return state.table.size() > 0 || !state.known.empty(); }

/// The members that were of no use for long, or failed once, the longest first: they are asked whether they are there.
void check_members(Step& step) {
    auto& state = step.state;
    std::vector<std::pair<base::Instant, PeerId>> due;
    for (auto const& bucket : state.table.buckets()) {
        for (auto const& member : bucket.members) {
            auto const is_old = step.env.now - member.last_useful >= state.config.check_after;
            if (is_old || member.failures > 0) due.emplace_back(member.last_useful, member.id);
        }
    }
    auto const count = std::min(due.size(), state.config.checks_a_round_max);
    std::ranges::partial_sort(due, due.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        auto const* const member = state.table.find(due[i].second);
        if (member == nullptr) continue;
        auto const addresses = member->addresses;
        probe(step, due[i].second, addresses);
    }
}

}  // namespace

void touch_bucket(State& state, Key const& target, base::Instant now) {
    auto const bucket = state.table.bucket_of(target);
    if (bucket >= state.config.refresh_buckets_max) return;
    if (bucket >= state.touched.size())
        state.touched.resize(bucket + 1, base::Instant{std::numeric_limits<std::int64_t>::min()});
    state.touched[bucket] = now;
}

void on_table_changed(Step& step) {
    auto& state = step.state;
    auto const keeps = is_there_anybody(state) || state.providers.size() > 0 || !state.values.empty();
    if (keeps && !state.is_kept_up) {
        state.is_kept_up = true;
        state.timers.set(upkeep_timer, step.env.now + state.config.upkeep_interval);
    }
    if (!state.config.upkeep || state.refreshing) return;
    if (!state.is_refreshed) {
        if (!is_there_anybody(state)) return;
        state.is_refreshed = true;
        state.timers.set(refresh_timer, step.env.now);
    }
}

void on_refresh_due(Step& step) {
    auto& state = step.state;
    if (state.refreshing) return;
    if (!is_there_anybody(state)) {
        state.is_refreshed = false;  // until somebody comes
        state.small_refreshes = 0;
        state.buckets_due.clear();
        return;
    }
    if (!state.buckets_due.empty()) {
        auto const bucket = state.buckets_due.back();
        state.buckets_due.pop_back();
        start_refresh(step, random_key(step, bucket));
        return;
    }
    auto const buckets = std::min(state.table.buckets().size(), state.config.refresh_buckets_max);
    for (auto i = buckets; i-- > 0;) {
        auto const is_fresh =
            i < state.touched.size() && step.env.now - state.touched[i] < state.config.refresh_interval;
        if (!is_fresh) state.buckets_due.push_back(i);
    }
    start_refresh(step, base::to_byte_string(state.config.self.bytes()));
}

/// A refresh has ended; the next one begins from a Tick, so that however quickly they end, none begins within another.
void on_refreshed(Step& step) {
    auto& state = step.state;
    state.refreshing = {};
    if (state.buckets_due.empty()) return schedule_refresh(step);
    state.timers.set(refresh_timer, step.env.now);
}

void on_upkeep_due(Step& step) {
    auto& state = step.state;
    state.providers.expire(step.env.now, state.config);
    state.values.expire(step.env.now);
    if (state.config.upkeep) check_members(step);
    state.is_kept_up = is_there_anybody(state) || state.providers.size() > 0 || !state.values.empty();
    if (state.is_kept_up) state.timers.set(upkeep_timer, step.env.now + state.config.upkeep_interval);
}

}  // namespace libp2p::kademlia
