#include "apps/demo_messages.h"

#include "base/rng.h"
#include "mina/made_chain/made_chain.h"
#include "mina/messages/gossip.h"
#include "mina/schema/random.h"

#include <array>

namespace apps {

namespace {

namespace m = mina::messages;

constexpr std::size_t commands_max = 20;

// A tag, then a value; a nonce behind it, for the kinds that have one.
base::ByteString gossip(m::GossipKind kind, base::ByteView value) {
    base::ByteString message{static_cast<std::uint8_t>(kind)};
    base::append(message, value);
    if (kind != m::GossipKind::block) message.push_back(0);
    return m::framed(message);
}

class Maker {
public:
    base::ByteString snark_work() {
        for (;;) {
            auto value = random("snark-pool-diff", 64 * 1024);
            if (value.size() > 4'096) return gossip(m::GossipKind::snark_work, value);  // not an empty diff
        }
    }

    /// Of about so many bytes, unless that takes too many commands: a peer may send 200 in five minutes.
    base::ByteString transactions(std::size_t bytes) {
        base::ByteString commands;
        std::size_t count = 0;
        while (commands.size() < bytes && count < commands_max) {
            base::append(commands, random("user-command", bytes));
            ++count;
        }
        base::ByteString value(commands.size() + 9);
        mina::binprot::Writer writer(value);
        writer.put_count(count);
        writer.put(commands);
        value.resize(writer.size());
        return gossip(m::GossipKind::transactions, value);
    }

private:
    base::ByteString random(std::string_view type, std::size_t bytes_max) {
        auto const* const root = mina::schema::find_root(m::schema_of(m::Format::berkeley), type);
        mina::schema::RandomShape const shape{.bytes_max = bytes_max, .depth_max = 50};
        return mina::schema::random_value(*root->type, shape, [this] { return rng_.next(); });
    }

    base::Rng rng_{{'d', 'e', 'm', 'o'}};
};

}  // namespace

std::vector<DemoMessage> demo_messages(std::size_t count, std::uint64_t now_ms) {
    constexpr std::array<std::size_t, 4> transaction_bytes = {200, 2'000, 20'000, 200'000};
    auto const format = m::Format::berkeley;
    auto const blocks_wanted = (count + 2) / 3;
    auto const first_ms = now_ms - blocks_wanted * mina::made_chain::slot_ms(format);
    auto const chain = mina::made_chain::made_chain(format, 1, blocks_wanted, first_ms, 64 * 1024);
    Maker maker;
    std::vector<DemoMessage> messages;
    for (std::size_t i = 0; messages.size() < count; ++i) {
        switch (i % 3) {
            case 0: messages.push_back({"block", gossip(m::GossipKind::block, chain[i / 3])}); break;
            case 1: messages.push_back({"SNARK work", maker.snark_work()}); break;
            default:
                messages.push_back(
                    {"transactions", maker.transactions(transaction_bytes[i / 3 % transaction_bytes.size()])});
                break;
        }
    }
    return messages;
}

}  // namespace apps
