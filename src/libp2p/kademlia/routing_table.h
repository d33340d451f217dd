// The routing table: peers that answer, sorted into buckets by the length of the prefix they share with us. A plain
// structure without a clock of its own; who enters and who is asked is decided in membership.cpp.
#pragma once

#include "base/time.h"
#include "libp2p/kademlia/addresses.h"
#include "libp2p/kademlia/key.h"

#include <optional>
#include <vector>

namespace libp2p::kademlia {

struct Config;

struct Member {
    PeerId id{};
    Key key{};
    std::vector<Multiaddr> addresses{};
    Group group = 0;
    base::Instant last_useful{};        // when it answered last
    std::uint32_t failures = 0;         // since then
    bool connected = false;
    bool finds_nodes_only = false;
};

struct Bucket {
    std::vector<Member> members;        // in the order of their coming
    std::vector<Member> replacements;   // have answered as well, but there was no place; the newest last
    bool is_checked = false;            // a member is being asked whether it is still there
};

enum class Admission : std::uint8_t { added, updated, waiting, refused };

class RoutingTable {
public:
    RoutingTable() = default;
    explicit RoutingTable(Key const& self) : self_(self) {}

    /// A peer that has just answered. `waiting`: its bucket is full. `refused`: its group, or the table, is.
    Admission add(Member member, Config const& config);
    /// The peer has not answered: true when it leaves for that.
    bool fail(PeerId const& id, Config const& config);
    void remove(PeerId const& id, Config const& config);
    Member* find(PeerId const& id);
    Member const* find(PeerId const& id) const;

    /// Up to `count` members by distance from `key`, the closest first. The pointers live until the table changes.
    std::vector<Member const*> closest(Key const& key, std::size_t count) const;

    std::size_t size() const { return size_; }
    /// By common prefix length; no longer than needed.
    std::vector<Bucket> const& buckets() const { return buckets_; }
    Bucket& bucket_at(std::size_t index) { return buckets_.at(index); }
    std::size_t bucket_of(Key const& key) const { return common_prefix(self_, key); }

private:
    bool group_has_room(Bucket const& bucket, Group group, Config const& config) const;
    void fill(Bucket& bucket, Config const& config);
    std::size_t group_size(Group group) const;

    Key self_{};
    std::vector<Bucket> buckets_;
    std::size_t size_ = 0;
};

}  // namespace libp2p::kademlia
