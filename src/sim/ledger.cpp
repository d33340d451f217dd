#include "sim/ledger.h"

#include "base/reader.h"
#include "base/writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim {

namespace {

constexpr std::size_t number_bytes = 8;
constexpr std::size_t missing_max = 5;
constexpr std::size_t latency_max_ms = 120'000;

}  // namespace

base::SharedBytes Ledger::publish(NodeIndex origin, base::Instant now, std::size_t bytes, bool expected, base::Rng& rng) {
    base::ByteString data;
    base::append_u64_le(data, messages_.size() + 1);
    data.resize(std::max(bytes, number_bytes));
    rng.fill_public(base::MutableBytes(data).subspan(number_bytes));
    auto shared = base::SharedBytes::take(std::move(data));
    messages_.push_back({origin, now, expected, shared, {}});
    return shared;
}

void Ledger::withdraw(std::uint64_t number) {
    if (number >= 1 && number <= messages_.size()) messages_[number - 1].expected = false;
}

std::string Ledger::received(NodeIndex node, std::uint32_t incarnation, NodeIndex origin, base::ByteView data,
                             base::Instant now) {
    ++deliveries_;
    base::Reader reader(data);
    auto const number = reader.u64_le();
    if (!reader.ok() || number == 0 || number > messages_.size()) return "a message that nobody published";
    auto& message = messages_[number - 1];
    if (message.origin != origin) return fmt::format("message {}, as if node {} had published it", number, origin);
    if (!base::equal(message.data.view(), data)) return fmt::format("message {}, but changed", number);
    if (message.origin == node) return fmt::format("message {}, which it published itself", number);
    if (message.got.size() <= node) message.got.resize(node + 1);
    if (message.got[node] == incarnation + 1) return fmt::format("message {} twice", number);
    message.got[node] = incarnation + 1;
    if (message.expected) {
        auto const milliseconds = static_cast<std::size_t>((now - message.at).count() / 1'000'000);
        auto const place = std::min(milliseconds, latency_max_ms);
        if (latencies_.size() <= place) latencies_.resize(place + 1);
        ++latencies_[place];
    }
    return {};
}

Ledger::Count Ledger::count(std::vector<std::optional<std::uint32_t>> const& incarnations) const {
    Count count;
    for (std::size_t i = 0; i < messages_.size(); ++i) {
        auto const& message = messages_[i];
        if (!message.expected) continue;
        for (NodeIndex node = 0; node < incarnations.size(); ++node) {
            if (!incarnations[node] || node == message.origin) continue;
            ++count.expected;
            if (node < message.got.size() && message.got[node] == *incarnations[node] + 1) {
                ++count.delivered;
            } else if (count.missing.size() < missing_max) {
                count.missing.push_back({i + 1, node});
            }
        }
    }
    return count;
}

base::Duration Ledger::latency(std::uint64_t share) const {
    std::uint64_t all = 0;
    for (auto const each : latencies_) all += each;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < latencies_.size(); ++i) {
        seen += latencies_[i];
        if (seen > 0 && seen * 1000 >= all * share) return std::chrono::milliseconds(i);
    }
    return {};
}

}  // namespace sim
