// wire: the small encodings that every protocol of libp2p shares.
//
//   peer_id.h          PeerId: the multihash of an identity key                     spec: peer-ids
//   address.h          IpAddress, SocketAddress, and which ranges are private
//   multiaddr.h        Multiaddr: self-describing addresses, text and binary        spec: addressing; multiformats/multiaddr
//   protobuf.h         reading and writing protobuf fields without a schema compiler
//   length_prefixed.h  varint length + message: views when whole, assembled when not
#pragma once
