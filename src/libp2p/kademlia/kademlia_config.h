// What a node sets, and every bound.
#pragma once

#include "libp2p/kademlia/value_store.h"

#include "base/time.h"
#include "libp2p/wire/peer_id.h"

#include <string>

namespace libp2p::kademlia {

struct Config {
    PeerId self;
    std::string protocol = "/ipfs/kad/1.0.0";
    bool server = true;              // answers others; swarm announces the protocol if so
    bool private_addresses = false;  // accepts and tells private and loopback addresses
    bool upkeep = true;              // looks peers up and checks members by itself; simulations may want neither
    Validator validate = is_public_key_record;

    // The routing table.
    std::size_t bucket_size = 20;          // k. spec: kad-dht#replication-parameter-k
    std::size_t replacements_max = 8;      // waiting for a place, of a bucket
    std::size_t table_max = 1024;          // members in all
    std::size_t group_in_bucket_max = 2;   // members of an IPv4 /16 or IPv6 /32
    std::size_t group_in_table_max = 10;
    std::uint32_t failures_max = 2;        // in a row, after which a member leaves

    // Lookups.
    // Measured with 10,000 nodes, half of which told of one another only: FindPeer found 96 % with 6 paths of width 4,
    // all with width 5 (18 peers asked; 12 when all are honest), and 99.5 % with 8 paths of width 4 (21 asked). Two
    // requests at a time on a path cost half again as many, for a third of a second.
    std::size_t alpha = 1;                 // requests under way, of a path; slow ones count no more
    std::size_t disjoint_paths = 6;        // 1 to 15
    std::size_t path_width = 5;            // the closest of a path that have to answer before it ends
    std::size_t asked_max = 160;           // peers asked, of a query
    std::size_t under_way_max = 32;        // requests of a query, slow ones included
    std::size_t candidates_max = 512;      // of a query
    std::size_t queries_max = 32;          // ordered from outside, at a time
    base::Duration query_timeout = std::chrono::seconds(60);
    base::Duration request_timeout = std::chrono::seconds(10);  // a dial included
    base::Duration slow_after = std::chrono::seconds(2);
    base::Duration settle_time = std::chrono::seconds(2);       // for a second peer to confirm an address

    // Connections.
    std::size_t streams_max = 6;             // of ours, to a peer
    std::size_t streams_to_finders_max = 3;  // mina: the Rust node refuses an eleventh stream
    std::size_t dials_max = 32;              // under way, of all queries
    std::size_t dials_a_minute_max = 16;     // to a group
    std::size_t dial_groups_max = 1024;      // remembered
    std::size_t backoffs_max = 1024;         // remembered
    std::size_t known_max = 256;             // peers of Learn
    base::Duration dial_backoff = std::chrono::minutes(5);
    base::Duration release_after = std::chrono::seconds(30);

    // Server.
    std::size_t inbound_streams_max = 8;     // of a peer
    std::uint32_t requests_burst = 64;       // of a peer
    std::uint32_t requests_a_second = 8;     // that its budget grows by
    base::Duration inbound_idle = std::chrono::minutes(2);

    // Records.
    std::size_t provided_keys_max = 1024;    // by others
    std::size_t providers_per_key_max = 512;
    std::size_t providers_max = 8192;        // records in all
    std::size_t providers_per_peer_max = 64;
    std::size_t values_max = 1024;
    std::size_t values_bytes_max = 1 << 20;
    std::size_t values_per_peer_max = 32;
    base::Duration provider_ttl = std::chrono::hours(48);
    base::Duration provider_address_ttl = std::chrono::hours(24);
    base::Duration value_ttl = std::chrono::hours(48);
    std::size_t own_keys_max = 64;           // that this node provides
    base::Duration republish_interval = std::chrono::hours(22);
    base::Duration republish_soon = std::chrono::seconds(30);  // after few were told; doubles
    std::size_t told_wanted = 4;             // fewer are few

    // Upkeep.
    base::Duration refresh_interval = std::chrono::minutes(10);
    base::Duration refresh_soon = std::chrono::seconds(5);     // while the table is small; doubles
    std::size_t small_table = 10;
    std::size_t refresh_buckets_max = 10;
    base::Duration upkeep_interval = std::chrono::minutes(1);
    base::Duration check_after = std::chrono::minutes(30);     // of no use, a member is asked whether it is there
    base::Duration check_if_wanted_after = std::chrono::minutes(5);  // the same, when others want its place
    std::size_t checks_a_round_max = 8;
    std::size_t probes_max = 16;             // under way
};

}  // namespace libp2p::kademlia
