// Goal: the arena gives aligned, initialised memory up to its bound, asks the system for blocks only, and uses one of
// them again. Method: values of every alignment and size around a block's; the memory of a cleared arena is dirty.
#include "mina/binprot/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace mina::binprot {
namespace {

constexpr std::size_t block_bytes = Arena::block_bytes;
using Byte = std::uint8_t;

template <std::size_t Alignment>
struct alignas(Alignment) Aligned {
    Byte byte = 7;
};

template <class T>
void expect_aligned(Arena& arena, std::size_t count) {
    auto* const made = arena.make<T>(count);
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(made) % alignof(T), 0U);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(made[i].byte, 7);
}

TEST(arena, aligns_and_initialises_values) {
    Arena arena;
    for (std::size_t round = 0; round < 3000; ++round) {
        expect_aligned<Aligned<1>>(arena, 1 + round % 7);
        expect_aligned<Aligned<2>>(arena, 1);
        expect_aligned<Aligned<8>>(arena, round % 5);
        expect_aligned<Aligned<1>>(arena, 1);
        expect_aligned<Aligned<16>>(arena, 1);
        expect_aligned<Aligned<4>>(arena, 3);
    }
    EXPECT_GT(arena.blocks(), 1U);
}

TEST(arena, gives_values_that_do_not_overlap) {
    Arena arena;
    std::vector<std::pair<Byte*, std::size_t>> all;
    for (std::size_t size = 1; size < 40'000; size += 371) {
        auto* const bytes = arena.make<Byte>(size);
        std::memset(bytes, static_cast<int>(size % 251), size);
        all.emplace_back(bytes, size);
    }
    for (auto const& [bytes, size] : all) {
        for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(bytes[i], size % 251);
    }
}

TEST(arena, counts_what_it_hands_out) {
    Arena arena;
    EXPECT_EQ(arena.used_bytes(), 0U);
    EXPECT_EQ(arena.blocks(), 0U);
    arena.make<Byte>(3);
    arena.make<std::uint64_t>(2);
    EXPECT_EQ(arena.used_bytes(), 19U);
    EXPECT_EQ(arena.blocks(), 1U);
}

TEST(arena, gives_large_values_a_block_of_their_own) {
    Arena arena;
    auto* const before = arena.make<Byte>();
    arena.make<Byte>(block_bytes / 4 + 1 + block_bytes);
    EXPECT_EQ(arena.blocks(), 2U);
    // The block that was begun goes on.
    EXPECT_EQ(arena.make<Byte>(), before + 1);
    EXPECT_EQ(arena.blocks(), 2U);
}

TEST(arena, begins_a_new_block_when_one_is_full) {
    Arena arena;
    std::set<Byte*> places;
    for (std::size_t i = 0; i < 100; ++i) places.insert(arena.make<Byte>(block_bytes / 4));
    EXPECT_EQ(places.size(), 100U);
    // Three of them in each: a header stands in front.
    EXPECT_EQ(arena.blocks(), 34U);
}

TEST(arena, hands_out_as_much_as_it_may_and_no_more) {
    constexpr std::size_t bounds[] = {0, 1, 100, block_bytes, 3 * block_bytes};
    for (auto const bytes_max : bounds) {
        Arena arena(bytes_max);
        EXPECT_NE(arena.make<Byte>(bytes_max), nullptr) << bytes_max;
        EXPECT_EQ(arena.make<Byte>(), nullptr) << bytes_max;
        EXPECT_EQ(arena.make<Aligned<16>>(), nullptr) << bytes_max;
        EXPECT_EQ(arena.used_bytes(), bytes_max);
        EXPECT_NE(arena.make<Byte>(0), nullptr) << bytes_max;
    }
}

TEST(arena, refuses_counts_whose_size_overflows) {
    constexpr auto most = std::numeric_limits<std::size_t>::max();
    Arena arena(1000);
    Arena without_bound;
    for (auto const count : {most, most / 2, most / 8, most / 8 + 1, most / 16 + 1, most / 64}) {
        EXPECT_EQ(arena.make<std::uint64_t>(count), nullptr) << count;
    }
    EXPECT_EQ(without_bound.make<std::uint64_t>(most / 8 + 1), nullptr);
    EXPECT_EQ(without_bound.make<std::uint64_t>(most), nullptr);
    EXPECT_EQ(arena.used_bytes(), 0U);
    EXPECT_EQ(arena.blocks(), 0U);
}

TEST(arena, takes_a_new_bound_at_any_time) {
    Arena arena(100);
    arena.make<Byte>(80);
    arena.set_bytes_max(50);
    EXPECT_EQ(arena.make<Byte>(), nullptr);
    EXPECT_NE(arena.make<Byte>(0), nullptr);
    arena.set_bytes_max(81);
    EXPECT_NE(arena.make<Byte>(), nullptr);
    EXPECT_EQ(arena.make<Byte>(), nullptr);
    arena.set_bytes_max(50);
    arena.clear();
    EXPECT_NE(arena.make<Byte>(50), nullptr);
    EXPECT_EQ(arena.make<Byte>(), nullptr);
}

TEST(arena, gives_a_place_to_no_values_too) {
    Arena arena;
    EXPECT_NE(arena.make<std::uint64_t>(0), nullptr);
    EXPECT_EQ(arena.blocks(), 0U);
    arena.clear();
    EXPECT_NE(arena.make<Byte>(0), nullptr);
}

TEST(arena, keeps_one_block_when_cleared) {
    Arena arena(10 * block_bytes);
    for (std::size_t round = 0; round < 5; ++round) {
        arena.make<Byte>(2 * block_bytes);
        for (std::size_t i = 0; i < 20; ++i) arena.make<Byte>(block_bytes / 5);
        EXPECT_GT(arena.blocks(), 4U);
        arena.clear();
        EXPECT_EQ(arena.used_bytes(), 0U);
        EXPECT_EQ(arena.blocks(), 1U);
        arena.make<Byte>(block_bytes / 5);
        EXPECT_EQ(arena.blocks(), 1U);
    }
}

TEST(arena, initialises_memory_that_was_used_before) {
    Arena arena;
    std::memset(arena.make<Byte>(10'000), 0xee, 10'000);
    arena.clear();
    auto const* const made = arena.make<std::uint64_t>(1000);
    for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(made[i], 0U);
}

}  // namespace
}  // namespace mina::binprot
