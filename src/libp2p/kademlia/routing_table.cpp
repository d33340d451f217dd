#include "libp2p/kademlia/routing_table.h"

#include "libp2p/kademlia/kademlia_config.h"

#include <algorithm>

namespace libp2p::kademlia {
namespace {

auto find_in(auto& members, PeerId const& id) { return std::ranges::find(members, id, &Member::id); }

/// What a later answer says of a member: its addresses as they are now.
void refresh(Member& old, Member&& now) {
    old.addresses = std::move(now.addresses);
    old.group = now.group;
    old.last_useful = now.last_useful;
    old.failures = 0;
    old.connected = now.connected;
    old.finds_nodes_only = now.finds_nodes_only;
}

}  // namespace

Admission RoutingTable::add(Member member, Config const& config) {
    auto const index = bucket_of(member.key);
    if (index >= 8 * member.key.size()) return Admission::refused;  // ourselves
    if (index >= buckets_.size()) buckets_.resize(index + 1);
    auto& bucket = buckets_[index];
    if (auto const old = find_in(bucket.members, member.id); old != bucket.members.end()) {
        refresh(*old, std::move(member));
        return Admission::updated;
    }
    if (auto const old = find_in(bucket.replacements, member.id); old != bucket.replacements.end()) {
        bucket.replacements.erase(old);
    }
    auto const has_place = bucket.members.size() < config.bucket_size && size_ < config.table_max;
    if (has_place && group_has_room(bucket, member.group, config)) {
        bucket.members.push_back(std::move(member));
        ++size_;
        return Admission::added;
    }
    if (has_place || config.replacements_max == 0) return Admission::refused;
    if (bucket.replacements.size() >= config.replacements_max) bucket.replacements.erase(bucket.replacements.begin());
    bucket.replacements.push_back(std::move(member));
    return Admission::waiting;
}

bool RoutingTable::group_has_room(Bucket const& bucket, Group group, Config const& config) const {
    if (group == 0) return true;
    auto const here = std::ranges::count(bucket.members, group, &Member::group);
    return static_cast<std::size_t>(here) < config.group_in_bucket_max && group_size(group) < config.group_in_table_max;
}

std::size_t RoutingTable::group_size(Group group) const {
    std::size_t count = 0;
    for (auto const& bucket : buckets_) {
        count += static_cast<std::size_t>(std::ranges::count(bucket.members, group, &Member::group));
    }
    return count;
}

bool RoutingTable::fail(PeerId const& id, Config const& config) {
    auto* const member = find(id);
    if (member == nullptr) {
        remove(id, config);  // a replacement has no second chance
        return false;
    }
    if (++member->failures < config.failures_max) return false;
    remove(id, config);
    return true;
}

void RoutingTable::remove(PeerId const& id, Config const& config) {
    auto const index = bucket_of(key_of(id));
    if (index >= buckets_.size()) return;
    auto& bucket = buckets_[index];
    if (auto const at = find_in(bucket.replacements, id); at != bucket.replacements.end())
        bucket.replacements.erase(at);
    auto const at = find_in(bucket.members, id);
    if (at == bucket.members.end()) return;
    bucket.members.erase(at);
    --size_;
    fill(bucket, config);
}

/// The newest replacement that may takes the free place.
void RoutingTable::fill(Bucket& bucket, Config const& config) {
    for (auto i = bucket.replacements.size(); i-- > 0;) {
        if (bucket.members.size() >= config.bucket_size || size_ >= config.table_max) return;
        if (!group_has_room(bucket, bucket.replacements[i].group, config)) continue;
        bucket.members.push_back(std::move(bucket.replacements[i]));
        bucket.replacements.erase(bucket.replacements.begin() + static_cast<std::ptrdiff_t>(i));
        ++size_;
    }
}

Member* RoutingTable::find(PeerId const& id) {
    auto const index = bucket_of(key_of(id));
    if (index >= buckets_.size()) return nullptr;
    auto const at = find_in(buckets_[index].members, id);
    return at == buckets_[index].members.end() ? nullptr : &*at;
}

Member const* RoutingTable::find(PeerId const& id) const { return const_cast<RoutingTable*>(this)->find(id); }

std::vector<Member const*> RoutingTable::closest(Key const& key, std::size_t count) const {
    using Ranked = std::pair<Key, Member const*>;
    std::vector<Ranked> ranked;
    std::vector<Member const*> result;
    result.reserve(count);
    auto const take = [&](std::size_t first,
                          std::size_t last) {  // buckets, all of whose members lie nearer than the rest
        ranked.clear();
        for (auto i = first; i < last && i < buckets_.size(); ++i) {
            for (auto const& member : buckets_[i].members) ranked.emplace_back(distance(member.key, key), &member);
        }
        std::ranges::sort(ranked, {}, &Ranked::first);
        for (auto const& [where, member] : ranked) {
            if (result.size() == count) return;
            result.push_back(member);
        }
    };
    // A member of bucket c shares more with the key than any other; those of later buckets share c bits with it, and
    // those of earlier buckets fewer and fewer.
    auto const c = bucket_of(key);
    take(c, c + 1);
    if (result.size() < count) take(c + 1, buckets_.size());
    for (auto i = std::min(c, buckets_.size()); i-- > 0 && result.size() < count;) take(i, i + 1);
    return result;
}

}  // namespace libp2p::kademlia
