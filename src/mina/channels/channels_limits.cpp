#include "mina/channels/channels_limits.h"

#include "base/check.h"

#include <algorithm>
#include <limits>

namespace mina::channels {
namespace {

constexpr std::uint64_t mebibyte = 1024ULL * 1024;

// Rates. mina: 20 blocks a slot (L/transition_handler/block_sink.ml:208-215), transactions of a score of 10, and SNARK
// work of 100000, in 15 s.
//
// Room. A message alone in its channel may be as long as gossip lets it be, 32 MiB: so the three of them never hold
// more than 60 + 32 + 32 MiB. A block of 15 MB, the longest ever measured, fits beside as much again. mina: OCaml's
// sinks hold 2048 jobs, of whatever length (L/network_pool/pool_sink.ml:53-57).
//
// Time. mina: OCaml's node takes the five minutes of its helper for all of them. That is GossipSub's own time-out here,
// which a verdict of ours has to precede; and what a slow validator holds back is let go sooner where it matters less.
//
// Bans. mina: OCaml's node bans at the first invalid block. An honest node may pass on what it judged by an older
// frontier or a slower clock than ours, so one message is not enough here. And it passes on what several sent it, each
// within its rate: only many times the rate of one is beyond what an honest relay does.
constexpr LimitsByKind limits_for(base::Duration slot) {
    LimitsByKind limits{};
    limits[index_of(GossipKind::block)] = {
        .rate = {20, slot}, .messages_max = 256, .bytes_max = 60 * mebibyte, .verdict_time = std::chrono::seconds(240),
        .rejected_max = 3, .over_rate_max = 1'024};
    limits[index_of(GossipKind::snark_work)] = {
        .rate = {100'000, std::chrono::seconds(15)}, .messages_max = 2'048, .bytes_max = 20 * mebibyte,
        .verdict_time = std::chrono::seconds(120), .rejected_max = 8, .over_rate_max = 1'024};
    limits[index_of(GossipKind::transactions)] = {
        .rate = {10, std::chrono::seconds(15)}, .messages_max = 1'024, .bytes_max = 32 * mebibyte,
        .verdict_time = std::chrono::seconds(120), .rejected_max = 8, .over_rate_max = 4'096};
    return limits;
}

}  // namespace

std::string_view name_of(GossipKind kind) {
    switch (kind) {
        case GossipKind::block: return "BlockChannel";
        case GossipKind::snark_work: return "SnarkWorkChannel";
        case GossipKind::transactions: return "TransactionChannel";
    }
    return "?";
}

// mina: L/network_pool/rate_limiter.ml: ceil(rate * window)
std::uint32_t capacity_of(Rate rate, base::Duration window) {
    auto const in_milliseconds = [](base::Duration span) {
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
    };
    base::check(rate.per >= std::chrono::milliseconds(1), "channels: a rate is per some time");
    base::check(window > base::Duration(0) && window <= std::chrono::hours(24), "channels: a window is at most a day");
    auto const per = in_milliseconds(rate.per);
    auto const capacity = (rate.score * in_milliseconds(window) + per - 1) / per;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(capacity, std::numeric_limits<std::uint32_t>::max()));
}

LimitsByKind mina_limits(base::Duration slot) { return limits_for(slot); }

}  // namespace mina::channels
