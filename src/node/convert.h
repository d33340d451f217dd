// Between the words of the public headers and those inside.
#pragma once

#include "base/shared_bytes.h"
#include "libp2p/wire/call.h"
#include "libp2p/wire/multiaddr.h"
#include "libp2p/wire/stream.h"
#include "mina/messages/gossip.h"
#include "mina/rpc/methods.h"
#include "mina/summary/summary.h"

#include <minap2p/events.h>

namespace mina::p2p {

messages::Format inner(Format format);
Format outer(messages::Format format);
messages::GossipKind inner(MessageKind kind);
rpc::Method inner(Method method);
Method outer(rpc::Method method);
CallFailure outer(libp2p::CallFailure failure);
Direction outer(libp2p::Direction direction);
inline PeerId outer(libp2p::PeerId const& peer) { return {peer.text()}; }
std::vector<std::string> texts(std::vector<libp2p::Multiaddr> const& addresses);

TransactionCounts outer(summary::CommandCounts const& counts);
BlockSummary outer(summary::Block const& block);

/// Copies: the count of SharedBytes is one thread's.
inline Bytes outer(base::ByteView bytes) { return Bytes::copy_of(bytes); }
/// Without copying when nobody else shares the bytes.
inline base::SharedBytes inner(Bytes bytes) { return base::SharedBytes::take(bytes.take()); }

}  // namespace mina::p2p
