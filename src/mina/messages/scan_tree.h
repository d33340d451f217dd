// ScanTree: the one type of Mina's messages that is not generated.
//
// A complete binary tree, sent from its root on, a level at a time: level d is 1, a number, and 2^d nodes; the last
// level is 0 and its leaves. (In OCaml a nested datatype: a tree of pairs of pairs.)
#pragma once

#include "mina/binprot/arena.h"
#include "mina/binprot/list.h"
#include "mina/binprot/writer.h"

#include <algorithm>

namespace mina::messages {

/// So many levels have more nodes than any message has bytes.
inline constexpr std::size_t scan_tree_levels_max = 40;

template <class Node>
struct ScanLevel {
    std::int64_t depth = 0;
    binprot::List<Node> nodes;
};

template <class Node, class Leaf>
struct ScanTree {
    binprot::List<ScanLevel<Node>> levels;  // from the root on
    binprot::List<Leaf> leaves;

    static bool validate(binprot::Reader& r) {
        for (std::size_t level = 0;; ++level) {
            std::uint8_t tag = 0;
            if (!r.tag(tag, 2)) return false;
            if (level == scan_tree_levels_max || (std::size_t{1} << level) > r.remaining()) return too_large(r);
            auto const count = std::size_t{1} << level;
            if (tag == 0) return validate_all<Leaf>(r, count);
            std::int64_t depth = 0;
            if (!r.integer<binprot::Width::int63>(depth) || !validate_all<Node>(r, count)) return false;
        }
    }

    bool decode(binprot::Reader& r, binprot::Arena& arena) {
        std::array<ScanLevel<Node>, scan_tree_levels_max> found;
        for (std::size_t level = 0;; ++level) {
            std::uint8_t tag = 0;
            if (!r.tag(tag, 2)) return false;
            if (level == scan_tree_levels_max || (std::size_t{1} << level) > r.remaining()) return too_large(r);
            auto const count = std::size_t{1} << level;
            if (tag == 0) {
                auto* const kept = arena.make<ScanLevel<Node>>(level);
                if (kept == nullptr) return r.fail(binprot::Reason::memory_limit);
                std::copy_n(found.begin(), level, kept);
                levels = {kept, level};
                return decode_all(r, arena, count, leaves);
            }
            if (!r.integer<binprot::Width::int63>(found[level].depth)) return false;
            if (!decode_all(r, arena, count, found[level].nodes)) return false;
        }
    }

    void encode(binprot::Writer& w) const {
        for (auto const& level : levels) {
            w.put_byte(1);
            w.put_integer(level.depth);
            for (auto const& node : level.nodes) node.encode(w);
        }
        w.put_byte(0);
        for (auto const& leaf : leaves) leaf.encode(w);
    }

private:
    static bool too_large(binprot::Reader& r) { return r.fail(binprot::Reason::count_too_large); }

    template <class T>
    static bool validate_all(binprot::Reader& r, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (!T::validate(r)) return false;
        }
        return true;
    }
    template <class T>
    static bool decode_all(binprot::Reader& r, binprot::Arena& arena, std::size_t count, binprot::List<T>& into) {
        auto* const items = arena.make<T>(count);
        if (items == nullptr) return r.fail(binprot::Reason::memory_limit);
        for (std::size_t i = 0; i < count; ++i) {
            if (!items[i].decode(r, arena)) return false;
        }
        into = {items, count};
        return true;
    }
};

}  // namespace mina::messages
