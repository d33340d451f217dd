// RpcGuest: Mina's RPCs (mina/rpc) as a guest of the swarm. It turns the swarm's facts and the application's calls into
// the machine's actions, and what the machine reports into events and replies.
//
// The machine knows a peer by a key and a host by an id that stay the same when the peer comes back (lasting_ids.h).
#pragma once

#include "base/buffer_pool.h"
#include "libp2p/swarm/guest.h"
#include "mina/p2p/lasting_ids.h"
#include "mina/rpc/rpc.h"

#include <map>
#include <set>

namespace mina::p2p {

class RpcGuest final : public libp2p::Guest {
public:
    explicit RpcGuest(rpc::Config config);

    std::span<std::string const> names() const override { return names_; }
    void act(libp2p::guest::Action const& action, base::Env const& env, libp2p::guest::Out& out) override;
    base::Instant next_deadline() const override { return rpc::next_deadline(state_); }
    void describe(base::Describer& describer) const override;

    rpc::State const& state() const { return state_; }

private:
    struct Connected {
        libp2p::PeerId id;
        libp2p::PeerKey swarm_key;
        libp2p::IpAddress ip;
        std::optional<libp2p::IpAddress> host;  // none: not counted by host
        rpc::HostId host_id;
    };

    void on(libp2p::guest::PeerConnected const& fact);
    void on(libp2p::guest::PeerIdentified const& fact);
    void on(libp2p::guest::PeerDisconnected const& fact);
    void on(libp2p::guest::Ordered const& order);
    void on(libp2p::guest::Tick const& tick);
    void on(libp2p::stream::Opened fact);
    void on(libp2p::stream::Data const& fact) { run(fact); }
    void on(libp2p::stream::Finished const& fact) { run(fact); }
    void on(libp2p::stream::Writable const& fact) { run(fact); }
    void on(libp2p::stream::Closed fact);
    void call(libp2p::RequestId request, libp2p::PeerKey peer, libp2p::command::Call const& call);
    void run(rpc::Action const& action);
    void tell(rpc::Event const& event);
    base::SharedBytes part_of(base::ByteView bytes);
    libp2p::PeerKey key_of(libp2p::PeerKey swarm_key) const;
    libp2p::PeerId const& id_of(rpc::PeerKey key) const { return connected_.at(key).id; }

    std::vector<std::string> names_;
    rpc::State state_;
    rpc::Out rpc_out_;
    LastingIds<libp2p::PeerId> peers_;
    LastingIds<libp2p::IpAddress> hosts_;
    std::map<rpc::PeerKey, Connected> connected_;
    std::map<libp2p::PeerKey, rpc::PeerKey> keys_;  // of the swarm's keys
    std::set<libp2p::RequestId> calls_;             // under way
    base::BufferPool parts_;                        // of long answers
    base::Env const* env_ = nullptr;                // while an action is dealt with
    libp2p::guest::Out* out_ = nullptr;
};

}  // namespace mina::p2p
