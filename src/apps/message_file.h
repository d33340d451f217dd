// Messages of Mina in files: what decode, encode and hash have in common.
#pragma once

#include "apps/settings.h"
#include "mina/messages/gossip.h"
#include "mina/schema/explain.h"

#include <optional>

namespace apps {

/// The content of a file, or of standard input for "-". Throws Failure, also for more than `bytes_max` bytes.
base::ByteString file_content(std::string const& file, std::size_t bytes_max);

/// The largest answer that Mina's nodes give is some 60 MB; their own limit is 400 MB.
inline constexpr std::size_t message_file_bytes_max = 512 * 1024 * 1024;

/// What stands around a value.
enum class Envelope : std::uint8_t {
    none,
    frame,        // a gossip message: eight bytes of length
    rpc_message,  // the tag, version and id of a query, the id of an answer
    rpc_frame,    // the same, behind eight bytes of length
};

/// What a message is said to be.
struct MessageType {
    std::string name;
    Envelope envelope = Envelope::none;
    mina::messages::Format format = mina::messages::Format::mesa;
    mina::schema::Root const* root = nullptr;  // null of RPC messages: the value's type depends on the message
};

/// The formats to try, the likeliest first: those that were asked for, or of the network that was, or all.
std::vector<mina::messages::Format> formats_to_try(Settings const& settings);

/// The type of this name or alias; throws UsageError with the nearest one.
MessageType message_type(mina::messages::Format format, std::string const& name);

bool has_type(mina::messages::Format format, std::string const& name);

/// Names for --list-types and error messages: aliases, then names that have none.
std::vector<std::string> type_names(mina::messages::Format format);

/// Why bytes are not of this type, with offsets from their start; nullopt when they are.
std::optional<std::string> fault_of(MessageType const& type, base::ByteView bytes);

/// The value inside the envelope. Requires that fault_of() finds none, and that the envelope is none or a frame.
base::ByteView value_of(MessageType const& type, base::ByteView bytes);

/// The type that `bytes` have, in the first format in which they have it. `name` is "guess" or a type's. Throws
/// Failure.
MessageType find_type(std::vector<mina::messages::Format> const& formats, std::string const& name, base::ByteView bytes,
                      std::string const& where);

}  // namespace apps
