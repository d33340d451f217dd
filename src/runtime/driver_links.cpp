// The sockets of a node: reading, writing, closing.
#include "runtime/dialer.h"
#include "runtime/driver.h"
#include "runtime/sockets.h"

#include <cerrno>

namespace runtime {

Link* Runtime::Driver::find(libp2p::LinkId id) {
    auto const found = links_.find(id);
    return found == links_.end() ? nullptr : &found->second;
}

/// One that the core has not let go of.
Link* Runtime::Driver::find_live(libp2p::LinkId id) {
    auto* const link = find(id);
    return link != nullptr && link->phase != Link::Phase::closing ? link : nullptr;
}

void Runtime::Driver::watch(Link& link) {
    // A link stays where it is until it is forgotten, and then it is unwatched.
    link.watch = loop_.watch(link.fd.get(), link.interest(),
                             [this, &link](Ready ready) { on_ready(link, ready); });
}

/// The link is gone, and the reference with it.
void Runtime::Driver::forget(Link& link) {
    loop_.unwatch(link.watch);
    if (link.phase == Link::Phase::closing) --closing_links_;
    links_.erase(libp2p::LinkId(link.id));
}

void Runtime::Driver::accepted(Fd socket, libp2p::SocketAddress const& local,
                               libp2p::SocketAddress const& remote) {
    libp2p::LinkId const id{next_accepted_};
    next_accepted_ += 2;
    ++counters_.accepted;
    auto& link = links_[id];
    link.id = id;
    link.fd = std::move(socket);
    link.phase = Link::Phase::open;
    link.remote = remote;
    set_buffers(link.fd.get(), options_.socket_buffer_bytes);
    watch(link);
    step(libp2p::Accepted{id, local, remote});
}

void Runtime::Driver::begin_dial(Link& link, bool from_listen_port) {
    auto const& listeners = acceptor_.listeners();
    auto dial = start_dial(link.remote,
                           from_listen_port ? std::span(listeners) : std::span<Listener const>{},
                           options_.socket_buffer_bytes);
    link.from_listen_port = dial.from_listen_port;
    if (!dial.socket) {
        // The core is within a step: it hears of this at the end of the turn.
        link.phase = Link::Phase::settled;
        link.dial_error = dial.error;
        settled_.push_back(link.id);
        return;
    }
    link.fd = std::move(dial.socket);
    watch(link);
}

void Runtime::Driver::on_ready(Link& link, Ready ready) {
    bool const ended = ready.error || ready.hangup;
    if (link.phase == Link::Phase::connecting) return on_connected(link);
    if (ready.write) {
        link.write_blocked = false;
        queue_to_flush(link);
    }
    if (link.phase == Link::Phase::closing) {
        // A hangup: both sides have said FIN, or it was reset.
        if (ended) return forget(link);
        if (ready.read) discard(link);
    } else if (ready.read || (ended && link.reading)) {
        receive(link);
    } else if (ended) {
        // Nothing can be said about what was received before: the core does not want it now.
        auto const error = take_error(link.fd.get());
        lose(link, error != 0 ? error : link.write_error != 0 ? link.write_error : ECONNRESET);
    }
}

void Runtime::Driver::on_connected(Link& link) {
    if (auto const error = take_error(link.fd.get()); error != 0) return lose(link, error);
    auto const local = local_address(link.fd.get());
    if (!local) return lose(link, errno);
    if (*local == link.remote && link.from_listen_port) {
        // Dialing oneself from one's own port, a socket meets itself instead of the listener.
        loop_.unwatch(link.watch);
        link.fd.reset();
        return begin_dial(link, false);
    }
    link.phase = Link::Phase::open;
    loop_.set_interest(link.watch, link.interest());
    ++counters_.dialed;
    step(libp2p::Dialed{link.id, *local});
}

void Runtime::Driver::receive(Link& link) {
    auto const buffer = loop_.read_buffer();
    auto const got = ::recv(link.fd.get(), buffer.data(), buffer.size(), 0);
    if (got > 0) {
        ++counters_.receives;
        counters_.received_bytes += static_cast<std::uint64_t>(got);
        step(libp2p::Received{link.id, buffer.first(static_cast<std::size_t>(got))});
    } else if (got == 0) {
        // After a failed write the kernel shows the end of the stream only; the write has the
        // error.
        lose(link, link.write_error);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        lose(link, errno);
    }
}

/// Ends a link that the core still has; `error` 0 means the end of the stream.
void Runtime::Driver::lose(Link& link, int error) {
    auto const id = link.id;
    bool const was_open = link.phase == Link::Phase::open;
    forget(link);
    if (was_open) {
        step(libp2p::Closed{id, error != 0 ? std::optional(to_link_error(error)) : std::nullopt});
    } else {
        ++counters_.dial_failures;
        step(libp2p::DialFailed{id, to_link_error(error)});
    }
}

void Runtime::Driver::queue_to_flush(Link& link) {
    if (link.queued_to_flush || link.write_blocked) return;
    link.queued_to_flush = true;
    to_flush_.push_back(link.id);
}

void Runtime::Driver::flush_all() {
    flush_batch_.swap(to_flush_);
    for (auto const id : flush_batch_) {
        auto* const link = find(id);
        if (link == nullptr) continue;
        link->queued_to_flush = false;
        flush_one(*link);
    }
}

void Runtime::Driver::flush_one(Link& link) {
    if (link.phase == Link::Phase::connecting || link.phase == Link::Phase::settled) return;
    bool const had_bytes = !link.queue.empty();
    if (had_bytes) {
        auto const before = link.unreported_bytes;
        auto const result = flush(link);
        if (link.unreported_bytes != before) ++counters_.sends;
        counters_.sent_bytes += link.unreported_bytes - before;
        link.write_blocked = result == FlushResult::blocked;
        if (result == FlushResult::more) queue_to_flush(link);
        if (result == FlushResult::failed) {
            if (link.phase == Link::Phase::closing) return forget(link);
            // Whatever the error was: now the read side comes to its end, after what was received
            // before.
            ::shutdown(link.fd.get(), SHUT_RDWR);
        }
    }
    // Under load a link is blocked in most turns; so the watch stays until a turn finds nothing to
    // write at all.
    bool const watched = link.write_blocked || (link.write_watched && had_bytes);
    if (watched != link.write_watched) {
        link.write_watched = watched;
        loop_.set_interest(link.watch, link.interest());
    }
    if (link.phase == Link::Phase::closing && link.queue.empty()) finish_closing(link);
}

/// All is written. A close(2) now could turn into a reset, and lose what is on its way, if the
/// other side is still sending: so we say FIN and wait for theirs.
void Runtime::Driver::finish_closing(Link& link) {
    if (!link.finished) {
        link.finished = true;
        ::shutdown(link.fd.get(), SHUT_WR);
    }
    if (!link.reading) forget(link);
}

void Runtime::Driver::discard(Link& link) {
    auto const buffer = loop_.read_buffer();
    auto const got = ::recv(link.fd.get(), buffer.data(), buffer.size(), MSG_TRUNC);
    if (got > 0) return;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (got < 0 || link.finished) return forget(link);
    link.reading = false;
    loop_.set_interest(link.watch, link.interest());
}

void Runtime::Driver::end_overdue_closings() {
    while (!closings_.empty()) {
        auto const [end, id] = closings_.front();
        auto* const link = find(id);
        if (link != nullptr && end > loop_.now()) return;
        if (link != nullptr) forget(*link);
        closings_.pop_front();
    }
}

}  // namespace runtime
