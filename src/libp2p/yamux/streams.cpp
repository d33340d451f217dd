#include "libp2p/yamux/streams.h"

#include "base/check.h"

#include <algorithm>

namespace libp2p::yamux {
namespace {

// What a pool keeps for the next burst once it is empty: as many writes as one gather takes, 4 KiB.
constexpr std::size_t idle_nodes_max = 128;

}  // namespace

void WritePool::push(WriteQueue& queue, base::SharedBytes bytes) {
    base::assume(!bytes.empty(), "an empty write");
    queue.bytes += bytes.size();
    std::uint32_t place = free_;
    if (place != WriteQueue::none) {
        free_ = std::exchange(nodes_[place].next, WriteQueue::none);
        nodes_[place].bytes = std::move(bytes);
    } else {
        base::check(nodes_.size() < WriteQueue::none, "write pool full");
        place = static_cast<std::uint32_t>(nodes_.size());
        nodes_.push_back({std::move(bytes), WriteQueue::none});
    }
    (queue.head == WriteQueue::none ? queue.head : nodes_[queue.tail].next) = place;
    queue.tail = place;
    ++used_;
}

base::SharedBytes WritePool::take(WriteQueue& queue, std::size_t count) {
    auto& bytes = nodes_[queue.head].bytes;
    queue.bytes -= count;
    if (count < bytes.size()) {
        auto part = bytes.slice(0, count);
        bytes.remove_prefix(count);
        return part;
    }
    auto whole = std::move(bytes);
    drop_head(queue);
    return whole;
}

void WritePool::clear(WriteQueue& queue) {
    while (queue.head != WriteQueue::none) {
        nodes_[queue.head].bytes = {};
        drop_head(queue);
    }
    queue.bytes = 0;
}

void WritePool::release() {
    base::assume(used_ == 0, "a write pool released while in use");
    nodes_ = std::vector<Node>();
    free_ = WriteQueue::none;
}

void WritePool::drop_head(WriteQueue& queue) {
    auto const place = queue.head;
    auto& node = nodes_[place];
    queue.head = node.next;
    if (queue.head == WriteQueue::none) queue.tail = WriteQueue::none;
    node.next = free_;
    free_ = place;
    if (--used_ == 0 && nodes_.size() > idle_nodes_max) release();
}

std::vector<StreamTable::Entry>::const_iterator StreamTable::lower(StreamId id) const {
    return std::lower_bound(entries_.begin(), entries_.end(), id,
                            [](Entry const& entry, StreamId wanted) { return entry.id < wanted; });
}

Stream* StreamTable::find(StreamId id) const {
    auto const at = lower(id);
    return at != entries_.end() && at->id == id ? at->stream.get() : nullptr;
}

Stream& StreamTable::insert(StreamId id) {
    auto const at = lower(id);
    base::check(at == entries_.end() || at->id != id, "a stream id given twice");
    auto& stream = *entries_.insert(at, {id, std::make_unique<Stream>()})->stream;
    stream.id = id;
    return stream;
}

void StreamTable::erase(StreamId id) {
    auto const at = lower(id);
    base::check(at != entries_.end() && at->id == id, "an unknown stream erased");
    entries_.erase(at);
    if (entries_.empty()) entries_ = std::vector<Entry>();
}

}  // namespace libp2p::yamux
