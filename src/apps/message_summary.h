// What there is to say of a message in a file: its type, its summary, and the hashes it is known by.
#pragma once

#include "apps/events_json.h"
#include "apps/message_file.h"

namespace apps {

/// {"type","format","bytes"} and what the summary of its kind says. Throws Failure.
Json message_summary(MessageType const& type, base::ByteView bytes);

/// {"type","format"} and its hashes. Throws Failure for a type that has none.
Json message_hashes(MessageType const& type, base::ByteView bytes);

}  // namespace apps
