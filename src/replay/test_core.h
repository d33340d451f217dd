// A small Core for the tests of the log: it sums up what comes in, and answers bytes with bytes.
#pragma once

#include "libp2p/swarm/core.h"

namespace replay::test {

class SumCore final : public libp2p::Core {
public:
    explicit SumCore(std::uint64_t start = 0) : sum(start) {}

    std::span<libp2p::Effect const> step(base::Instant now, libp2p::Input const& input) override {
        effects_.clear();
        at_ = now;
        if (auto const* received = std::get_if<libp2p::Received>(&input)) {
            for (auto& byte : received->bytes) {
                sum = sum * 31 + byte;
                byte = 0;  // as a swarm decrypts in place
            }
            base::ByteString answer = {static_cast<std::uint8_t>(sum), static_cast<std::uint8_t>(received->bytes.size())};
            effects_.emplace_back(libp2p::Transmit{received->link, base::SharedBytes::take(std::move(answer))});
        } else if (auto const* written = std::get_if<libp2p::Written>(&input)) {
            sum += written->bytes;  // shows in the state only
        }
        return effects_;
    }
    std::optional<libp2p::Deadline> next_deadline() const override { return std::nullopt; }
    void describe(base::Describer& describer) const override {
        describer.field("sum", sum);
        describer.field("at", at_);
    }

    std::uint64_t sum;

private:
    base::Instant at_;
    std::vector<libp2p::Effect> effects_;
};

}  // namespace replay::test
