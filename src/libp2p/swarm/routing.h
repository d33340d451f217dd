// Where a fact about a stream goes, the machine of its service; and a service's orders to its streams.
#pragma once

#include "libp2p/swarm/swarm.h"

namespace libp2p {

template <class Fact>
void Swarm::to_service(Service service, Fact const& fact) {
    switch (service) {
        case Service::identify: identify::reduce(identify_, fact, env(), identify_out_.filling); return;
        case Service::ping: ping::reduce(ping_, fact, env(), ping_out_.filling); return;
        case Service::perf: perf::reduce(perf_, fact, env(), perf_out_.filling); return;
        case Service::echo: echo::reduce(echo_, fact, env(), echo_out_.filling); return;
        case Service::kademlia: kademlia::reduce(kademlia_, fact, env(), kademlia_out_.filling); return;
        case Service::guest: tell_guest(fact); return;
        case Service::gossip_out:
        case Service::gossip_in: gossip_fact(service, fact); return;
        case Service::none: return;
    }
}

template <class StreamEffect>
void Swarm::route_stream(StreamEffect const& effect, Service service) {
    if (auto const* open = std::get_if<stream::Open>(&effect)) {
        open_channel(*open, service);
    } else if (auto const* bytes = std::get_if<stream::Write>(&effect)) {
        write(*bytes);
    } else if (auto const* end = std::get_if<stream::Finish>(&effect)) {
        finish(*end);
    } else if (auto const* abort = std::get_if<stream::Reset>(&effect)) {
        reset(*abort);
    }
}

template <class Fact>
void Swarm::to_service(Channel const& channel, Fact const& fact) {
    to_service(channel.service, fact);
}

}  // namespace libp2p
