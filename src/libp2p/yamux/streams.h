// The streams of a session: their state, the table that finds them, the queues of what they write,
// and the lists of those that have something to send. Private to this folder.
#pragma once

#include "libp2p/yamux/window.h"

namespace libp2p::yamux {

struct Stream;

/// A queue of writes; its elements live in a WritePool.
struct WriteQueue {
    static constexpr std::uint32_t none = 0xffff'ffff;
    std::size_t bytes = 0;
    std::uint32_t head = none;
    std::uint32_t tail = none;
};

/// The place of a stream in one list.
struct Link {
    Stream* next = nullptr;
    Stream* previous = nullptr;
    bool linked = false;
};

struct Stream {
    StreamId id = 0;
    std::uint32_t send_window = initial_window_bytes;
    ReceiveWindow receive;
    WriteQueue queue;
    Link ready;       // has data or FIN that may be sent now
    Link announcing;  // has SYN, ACK or credit to send

    bool outbound : 1 = false;
    bool syn_due : 1 = false;        // ours; the peer does not know of it yet
    bool ack_due : 1 = false;        // the peer's
    bool acknowledged : 1 = false;   // ours, by the peer
    bool update_due : 1 = false;     // credit is to be granted
    bool finish_wanted : 1 = false;  // by the application
    bool finish_sent : 1 = false;
    bool peer_finished : 1 = false;
    bool above_low_water : 1 = false;  // the queue rose above it and has not fallen since
    bool writable_due : 1 = false;     // its fall is to be reported

    bool can_send() const {
        if (queue.bytes > 0) return send_window > 0;
        return finish_wanted && !finish_sent;
    }
};

/// A list through the streams themselves: to join and to leave it costs no allocation and no search.
template <Link Stream::*link>
class StreamList {
public:
    bool empty() const { return first_ == nullptr; }
    /// Requires !empty().
    Stream& front() const { return *first_; }
    bool has_several() const { return first_ != last_; }
    Stream* after(Stream const& stream) const { return (stream.*link).next; }

    /// Appends, unless it is in the list already.
    void push_back(Stream& stream) {
        auto& own = stream.*link;
        if (own.linked) return;
        own = {nullptr, last_, true};
        (last_ == nullptr ? first_ : (last_->*link).next) = &stream;
        last_ = &stream;
    }
    /// Removes, if it is in the list.
    void remove(Stream& stream) {
        auto& own = stream.*link;
        if (!own.linked) return;
        (own.previous == nullptr ? first_ : (own.previous->*link).next) = own.next;
        (own.next == nullptr ? last_ : (own.next->*link).previous) = own.previous;
        own = {};
    }

private:
    Stream* first_ = nullptr;
    Stream* last_ = nullptr;
};

using ReadyList = StreamList<&Stream::ready>;
using AnnouncingList = StreamList<&Stream::announcing>;

/// The storage of all write queues of a session: an idle stream has no buffer of its own, and a
/// busy one allocates nothing once the pool has grown to what the session has queued at a time.
class WritePool {
public:
    void push(WriteQueue& queue, base::SharedBytes bytes);
    /// What is queued first. Requires a queue that is not empty.
    base::SharedBytes const& front(WriteQueue const& queue) const {
        return nodes_[queue.head].bytes;
    }
    /// Takes the first `count` bytes of the first write. Requires 0 < count <= front(queue).size().
    base::SharedBytes take(WriteQueue& queue, std::size_t count);
    void clear(WriteQueue& queue);
    /// Gives the storage back. Requires all queues to be empty.
    void release();

private:
    struct Node {
        base::SharedBytes bytes;
        std::uint32_t next = WriteQueue::none;
    };
    /// Frees the place of the first write, whose bytes are gone already.
    void drop_head(WriteQueue& queue);

    std::vector<Node> nodes_;
    std::uint32_t free_ = WriteQueue::none;
    std::uint32_t used_ = 0;
};

/// The streams by id: a sorted array of small entries, searched by halving. Streams do not move.
class StreamTable {
public:
    Stream* find(StreamId id) const;
    /// Requires an id that is not there.
    Stream& insert(StreamId id);
    void erase(StreamId id);
    std::size_t size() const { return entries_.size(); }

    /// In the order of ids.
    auto begin() const { return entries_.begin(); }
    auto end() const { return entries_.end(); }

private:
    struct Entry {
        StreamId id = 0;
        std::unique_ptr<Stream> stream;
    };
    std::vector<Entry>::const_iterator lower(StreamId id) const;
    std::vector<Entry> entries_;
};

}  // namespace libp2p::yamux
