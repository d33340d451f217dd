#include "runtime/resolver.h"

#include "base/check.h"
#include "runtime/sockets.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <algorithm>
#include <map>

namespace runtime {

namespace {

constexpr std::size_t name_bytes_max = 253;  // RFC 1035: 255 on the wire
constexpr int attempt_milliseconds = 1500;
constexpr int attempts_max = 3;

struct FreeAres {
    void operator()(ares_addrinfo* info) const { ares_freeaddrinfo(info); }
    void operator()(ares_txt_ext* texts) const { ares_free_data(texts); }
};

std::vector<libp2p::IpAddress> addresses_of(ares_addrinfo const& info) {
    std::vector<libp2p::IpAddress> addresses;
    for (auto const* node = info.nodes; node != nullptr && addresses.size() < Resolver::answers_max;
         node = node->ai_next) {
        if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
        KernelAddress kernel;
        std::copy_n(reinterpret_cast<std::uint8_t const*>(node->ai_addr),
                    std::min<std::size_t>(node->ai_addrlen, sizeof kernel.storage),
                    reinterpret_cast<std::uint8_t*>(&kernel.storage));
        auto const address = kernel.address().ip;
        if (std::ranges::find(addresses, address) == addresses.end()) addresses.push_back(address);
    }
    return addresses;
}

/// A record of more than 255 bytes comes in several strings: they are one text.
std::vector<std::string> texts_of(ares_txt_ext const* record) {
    std::vector<std::string> texts;
    for (; record != nullptr; record = record->next) {
        if (record->record_start != 0 || texts.empty()) {
            if (texts.size() == Resolver::answers_max) break;
            texts.emplace_back();
        }
        texts.back().append(reinterpret_cast<char const*>(record->txt), record->length);
    }
    return texts;
}

bool wanted(libp2p::RecordKind kind, libp2p::IpAddress const& address) {
    return kind == libp2p::RecordKind::addresses ||
           kind ==
               (address.v6 ? libp2p::RecordKind::addresses_v6 : libp2p::RecordKind::addresses_v4);
}

bool usable(std::string const& name) {
    return !name.empty() && name.size() <= name_bytes_max && name.find('\0') == std::string::npos;
}

}  // namespace

/// A c-ares channel, its descriptors and its timers in the loop.
class Resolver::Channel {
public:
    Channel(EventLoop& loop, std::string const& servers, OnResolved& on_resolved)
        : loop_(loop), on_resolved_(on_resolved) {
        ares_library_init(ARES_LIB_INIT_ALL);
        ares_options options{};
        options.timeout = attempt_milliseconds;
        options.tries = attempts_max;
        options.sock_state_cb = &Channel::on_socket;
        options.sock_state_cb_data = this;
        auto const mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
        if (ares_init_options(&channel_, &options, mask) != ARES_SUCCESS) channel_ = nullptr;
        if (channel_ != nullptr && !servers.empty()) {
            ares_set_servers_ports_csv(channel_, servers.c_str());
        }
    }
    ~Channel() {
        closing_ = true;
        if (channel_ != nullptr) {
            ares_destroy(channel_);  // ends every query, and calls back for each
        loop_.cancel(attempt_timer_);
        }
        ares_library_cleanup();
    }
    Channel(Channel const&) = delete;
    Channel& operator=(Channel const&) = delete;

    bool idle() const { return waiting_.empty(); }

    void resolve(libp2p::Resolve const& order) {
        if (channel_ == nullptr || waiting_.size() >= lookups_max || !usable(order.name)) {
            return fail(order.id);
        }
        // The query outlives its 5 seconds if c-ares takes longer; it then finds nobody waiting.
        auto const number = next_query_++;
        waiting_[number] = {
            order.id, loop_.after(lookup_time_max, [this, number] { answer(number, failure()); })};
        auto* const query = new Query{*this, number};
        if (order.kind == libp2p::RecordKind::text) {
            ares_query(channel_, order.name.c_str(), ns_c_in, ns_t_txt, &Channel::on_text, query);
        } else {
            ares_addrinfo_hints hints{};
            hints.ai_flags = ARES_AI_NOSORT;
            hints.ai_family = family(order.kind);
            hints.ai_socktype = SOCK_STREAM;
            ares_getaddrinfo(channel_, order.name.c_str(), nullptr, &hints, &Channel::on_addresses,
                             query);
        }
        set_attempt_timer();
    }

private:
    struct Query {
        Channel& channel;
        std::uint64_t number;
    };
    struct Waiting {
        libp2p::ResolveId id;
        EventLoop::TimerId timer;
    };

    static int family(libp2p::RecordKind kind) {
        switch (kind) {
            case libp2p::RecordKind::addresses_v4: return AF_INET;
            case libp2p::RecordKind::addresses_v6: return AF_INET6;
            case libp2p::RecordKind::addresses:
            case libp2p::RecordKind::text: break;
        }
        return AF_UNSPEC;
    }

    static libp2p::Resolved failure() {
        return {.id = {}, .addresses = {}, .texts = {}, .failed = true};
    }

    void fail(libp2p::ResolveId id) {
        auto resolved = failure();
        resolved.id = id;
        on_resolved_(std::move(resolved));
    }

    void answer(std::uint64_t number, libp2p::Resolved resolved) {
        auto const found = waiting_.find(number);
        if (found == waiting_.end() || closing_) return;
        resolved.id = found->second.id;
        loop_.cancel(found->second.timer);
        waiting_.erase(found);
        on_resolved_(std::move(resolved));
    }

    static void on_addresses(void* argument, int status, int, ares_addrinfo* info) {
        std::unique_ptr<Query> const query(static_cast<Query*>(argument));
        std::unique_ptr<ares_addrinfo, FreeAres> const owned(info);
        auto resolved = failure();
        if (status == ARES_SUCCESS && info != nullptr) resolved.addresses = addresses_of(*info);
        resolved.failed = resolved.addresses.empty();
        query->channel.answer(query->number, std::move(resolved));
    }

    static void on_text(void* argument, int status, int, unsigned char* message, int size) {
        std::unique_ptr<Query> const query(static_cast<Query*>(argument));
        auto resolved = failure();
        ares_txt_ext* parsed = nullptr;
        if (status == ARES_SUCCESS &&
            ares_parse_txt_reply_ext(message, size, &parsed) == ARES_SUCCESS) {
            std::unique_ptr<ares_txt_ext, FreeAres> const owned(parsed);
            resolved.texts = texts_of(parsed);
        }
        resolved.failed = resolved.texts.empty();
        query->channel.answer(query->number, std::move(resolved));
    }

    static void on_socket(void* self, ares_socket_t fd, int read, int write) {
        static_cast<Channel*>(self)->set_socket(fd, {read != 0, write != 0});
    }

    void set_socket(int fd, Interest interest) {
        auto const found = sockets_.find(fd);
        if (interest == Interest{}) {
            if (found == sockets_.end()) return;
            loop_.unwatch(found->second);
            sockets_.erase(found);
        } else if (found != sockets_.end()) {
            loop_.set_interest(found->second, interest);
        } else {
            sockets_[fd] =
                loop_.watch(fd, interest, [this, fd](Ready ready) { on_ready(fd, ready); });
        }
    }

    void on_ready(int fd, Ready ready) {
        bool const broken = ready.error || ready.hangup;
        ares_process_fd(channel_, ready.read || broken ? fd : ARES_SOCKET_BAD,
                        ready.write ? fd : ARES_SOCKET_BAD);
        set_attempt_timer();
    }

    void set_attempt_timer() {
        loop_.cancel(attempt_timer_);
        attempt_timer_ = {};
        timeval time{};
        if (ares_timeout(channel_, nullptr, &time) == nullptr) return;
        auto const delay =
            std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
        attempt_timer_ = loop_.after(delay, [this] {
            ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            set_attempt_timer();
        });
    }

    EventLoop& loop_;
    OnResolved& on_resolved_;
    ares_channel channel_ = nullptr;
    std::map<std::uint64_t, Waiting> waiting_;
    std::map<int, EventLoop::WatchId> sockets_;
    EventLoop::TimerId attempt_timer_;
    std::uint64_t next_query_ = 1;
    bool closing_ = false;
};

Resolver::Resolver(EventLoop& loop, std::string servers, OnResolved on_resolved)
    : loop_(loop), servers_(std::move(servers)), on_resolved_(std::move(on_resolved)) {}

Resolver::~Resolver() = default;

void Resolver::resolve(libp2p::Resolve const& order) {
    // c-ares would ask a server even about these.
    if (auto const numeric = libp2p::IpAddress::parse(order.name)) {
        libp2p::Resolved resolved{.id = order.id, .addresses = {}, .texts = {}, .failed = false};
        if (wanted(order.kind, *numeric)) resolved.addresses.push_back(*numeric);
        resolved.failed = resolved.addresses.empty();
        return on_resolved_(std::move(resolved));
    }
    if (!channel_ || channel_->idle()) {
        channel_ = std::make_unique<Channel>(loop_, servers_, on_resolved_);
    }
    channel_->resolve(order);
}

}  // namespace runtime
