// Messages from JSON.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/json/error.h"
#include "mina/schema/schema.h"

namespace mina::json {

/// The bytes of a message of this type: canonical, and accepted by schema::Walker. The caller bounds the text; while it
/// is read, some three times its size is taken, and of a text of tiny values more: 16 bytes a value.
base::Result<base::ByteString, JsonError> read_json(schema::Type const& type, std::string_view json);

}  // namespace mina::json
