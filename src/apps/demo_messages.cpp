#include "apps/demo_messages.h"

#include "base/rng.h"
#include "mina/messages/gossip.h"
#include "mina/schema/random.h"
#include "runtime/files.h"

#include <array>
#include <cstdlib>
#include <optional>

namespace apps {

namespace {

namespace m = mina::messages;

// A tag, then a value; a nonce behind it, for the kinds that have one.
base::ByteString gossip(m::GossipKind kind, base::ByteView value) {
    base::ByteString message{static_cast<std::uint8_t>(kind)};
    base::append(message, value);
    if (kind != m::GossipKind::block) message.push_back(0);
    return m::framed(message);
}

std::optional<base::ByteString> real_block() {
    auto const* const variable = std::getenv("MINAP2P_SHARED");
    auto const directory = std::string(variable != nullptr ? variable : MINAP2P_SHARED_DIR);
    auto bytes = runtime::read_file(directory + "/data/berkeley/devnet-357934-block.bin", 16 * 1024 * 1024);
    return bytes ? std::optional(std::move(*bytes)) : std::nullopt;
}

class Maker {
public:
    base::ByteString block() {
        for (;;) {
            auto value = random("block", 64 * 1024);
            if (value.size() > 4'096) return gossip(m::GossipKind::block, value);
        }
    }

    base::ByteString snark_work() {
        for (;;) {
            auto value = random("snark-pool-diff", 64 * 1024);
            if (value.size() > 4'096) return gossip(m::GossipKind::snark_work, value);  // not an empty diff
        }
    }

    /// Of about so many bytes.
    base::ByteString transactions(std::size_t bytes) {
        base::ByteString commands;
        std::size_t count = 0;
        while (commands.size() < bytes) {
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

std::vector<DemoMessage> demo_messages(std::size_t count) {
    constexpr std::array<std::size_t, 4> transaction_bytes = {200, 2'000, 100'000, 1'000'000};
    Maker maker;
    std::vector<DemoMessage> messages;
    if (auto const block = real_block()) messages.push_back({"devnet block", gossip(m::GossipKind::block, *block)});
    for (std::size_t i = 0; messages.size() < count; ++i) {
        auto const bytes = transaction_bytes[i / 3 % transaction_bytes.size()];
        switch (i % 3) {
            case 0: messages.push_back({"transactions", maker.transactions(bytes)}); break;
            case 1: messages.push_back({"SNARK work", maker.snark_work()}); break;
            default: messages.push_back({"block", maker.block()}); break;
        }
    }
    return messages;
}

}  // namespace apps
