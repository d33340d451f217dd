// Goal: the foundation keeps its contracts. Method: examples with known values, and edges.
#include "base/buffer_pool.h"
#include "base/describe.h"
#include "base/flat_map.h"
#include "base/reader.h"
#include "base/rng.h"
#include "base/shared_bytes.h"
#include "base/text.h"
#include "base/timers.h"
#include "base/varint.h"
#include "base/writer.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(text, hex_round_trips_and_refuses_odd_and_foreign_characters) {
    EXPECT_EQ(to_hex(ByteString{0x00, 0xfe}), "00fe");
    EXPECT_EQ(from_hex("00FE"), (ByteString{0x00, 0xfe}));
    EXPECT_FALSE(from_hex("0"));
    EXPECT_FALSE(from_hex("0g"));
}

TEST(text, base58_has_the_published_vectors) {
    EXPECT_EQ(to_base58(as_bytes("Hello World!")), "2NEpo7TZRRrLZSi2U");
    EXPECT_EQ(to_base58(ByteString{0, 0, 0x28, 0x7f, 0xb4, 0xcd}), "11233QC4");
    EXPECT_EQ(from_base58("11233QC4"), (ByteString{0, 0, 0x28, 0x7f, 0xb4, 0xcd}));
    EXPECT_FALSE(from_base58("0OIl"));
    EXPECT_FALSE(from_base58(std::string(1025, '2')));
}

TEST(text, base64_and_base32_decode) {
    EXPECT_EQ(to_base64(as_bytes("foob")), "Zm9vYg==");
    EXPECT_EQ(from_base64("Zm9vYg=="), to_byte_string(as_bytes("foob")));
    EXPECT_FALSE(from_base64("Zm9v*"));
    EXPECT_EQ(from_base32("mzxw6yq"), to_byte_string(as_bytes("foob")));
}

TEST(varint, reads_what_it_writes_and_knows_incomplete_from_overlong) {
    for (std::uint64_t const value : {0ULL, 127ULL, 128ULL, 300ULL, ~0ULL}) {
        ByteString out;
        append_varint(out, value);
        EXPECT_EQ(out.size(), varint_size(value));
        auto const read = read_varint(out);
        ASSERT_TRUE(read.varint);
        EXPECT_EQ(read.varint->value, value);
    }
    EXPECT_EQ(read_varint(ByteString{0x80}).error, VarintError::incomplete);
    EXPECT_EQ(read_varint(ByteString(10, 0x80)).error, VarintError::overlong);
    EXPECT_EQ(read_varint(ByteString(11, 0xff)).error, VarintError::overlong);
}

TEST(reader, fails_once_and_stays_failed) {
    ByteString out;
    append_u16_be(out, 0x0102);
    append_counted(out, as_bytes("abc"));
    Reader reader(out);
    EXPECT_EQ(reader.u16_be(), 0x0102);
    EXPECT_EQ(as_text(reader.counted()), "abc");
    EXPECT_TRUE(reader.done());
    EXPECT_EQ(reader.u8(), 0);
    EXPECT_FALSE(reader.ok());
    ByteString const lie{0xff, 0xff, 0x03, 1};
    Reader liar(lie);
    EXPECT_TRUE(liar.counted().empty());
    EXPECT_FALSE(liar.ok());
}

TEST(shared_bytes, slices_share_storage_and_outlive_the_original) {
    SharedBytes slice;
    {
        auto const whole = SharedBytes::copy_of(as_bytes("abcdef"));
        slice = whole.slice(2, 3);
        EXPECT_EQ(slice.view().data(), whole.view().data() + 2);
    }
    EXPECT_EQ(as_text(slice.view()), "cde");
    slice.remove_prefix(1);
    EXPECT_EQ(as_text(slice.view()), "de");
}

TEST(buffer_pool, gives_storage_back_and_may_go_first) {
    SharedBytes survivor;
    {
        BufferPool pool(1);
        auto bytes = pool.get();
        bytes.resize(1000, 7);
        auto const* const storage = bytes.data();
        pool.share(std::move(bytes));  // dropped at once
        auto again = pool.get();
        EXPECT_TRUE(again.empty());
        again.push_back(9);
        EXPECT_EQ(again.data(), storage);
        survivor = pool.share(std::move(again));
    }
    EXPECT_EQ(survivor.view()[0], 9);
}

TEST(rng, same_seed_same_run_and_separate_streams) {
    Rng::Seed const seed{7};
    Rng a(seed);
    Rng b(seed);
    EXPECT_EQ(a.next(), b.next());
    ByteArray<32> visible{};
    ByteArray<32> secret{};
    Rng c(seed);
    c.fill_public(visible);
    c.fill_private(secret);
    EXPECT_NE(visible, secret);
    Rng d(seed);
    ByteArray<32> again{};
    d.fill_private(again);  // not moved by what the public stream gave
    EXPECT_EQ(secret, again);
    for (int i = 0; i < 1000; ++i) EXPECT_LT(a.below(3), 3U);
    EXPECT_EQ(a.between(5ns, 5ns), 5ns);
}

TEST(time, saturates) {
    EXPECT_EQ(Instant::never() + 1h, Instant::never());
    EXPECT_EQ(seconds_capped(~0ULL, 1h), Duration(1h));
}

TEST(timers, fire_in_order_of_time_then_key_and_move) {
    Timers<int> timers;
    timers.set(2, Instant{10});
    timers.set(1, Instant{10});
    timers.set(3, Instant{5});
    timers.set(3, Instant{20});
    timers.set(4, Instant{1});
    timers.cancel(4);
    EXPECT_EQ(timers.next(), Instant{10});
    EXPECT_EQ(timers.pop_due(Instant{9}), std::nullopt);
    EXPECT_EQ(timers.pop_due(Instant{20}), 1);
    EXPECT_EQ(timers.pop_due(Instant{20}), 2);
    EXPECT_EQ(timers.pop_due(Instant{20}), 3);
    EXPECT_EQ(timers.size(), 0U);
}

TEST(timers, move_no_later) {
    Timers<int> timers;
    timers.set_no_later(1, Instant{10});
    timers.set_no_later(1, Instant{20});
    EXPECT_EQ(timers.next(), Instant{10});
    timers.set_no_later(1, Instant{5});
    EXPECT_EQ(timers.pop_due(Instant{5}), 1);
    EXPECT_EQ(timers.size(), 0U);
}

TEST(describe, digest_tells_apart_trees_that_print_alike) {
    auto const digest = [](auto&& walk) {
        DigestDescriber describer;
        walk(describer);
        return describer.finish();
    };
    auto const one = digest([](Describer& d) { d.field("ab", "c"); });
    auto const other = digest([](Describer& d) { d.field("a", "bc"); });
    auto const number = digest([](Describer& d) { d.field("ab", 'c'); });
    EXPECT_NE(one, other);
    EXPECT_NE(one, number);
    EXPECT_EQ(one, digest([](Describer& d) { d.field("ab", "c"); }));
    TextDescriber text;
    {
        DescribeScope const scope(text, "peer", "x");
        text.field("age", 3);
    }
    EXPECT_EQ(text.text(), "peer x\n  age 3\n");
}

TEST(flat_map, keeps_order) {
    FlatMap<int, char> map;
    map[3] = 'c';
    map[1] = 'a';
    EXPECT_EQ(map.begin()->first, 1);
    EXPECT_TRUE(map.erase(3));
    EXPECT_FALSE(map.erase(3));
    EXPECT_EQ(*map.find(1), 'a');
    EXPECT_EQ(map.find(3), nullptr);
}

}  // namespace
}  // namespace base
