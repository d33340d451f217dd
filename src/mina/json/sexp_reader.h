// The other way of SexpWriter: a value from its S-expression. Records have their members in the order of the
// wire, as all that write them do.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "mina/json/error.h"
#include "mina/schema/schema.h"

namespace mina::json {

/// Appends the encoding. The error's path is that inside the value, and empty for all of it.
base::Result<void, JsonError> append_sexp(base::ByteString& out, schema::Type const& type, std::string_view sexp);

}  // namespace mina::json
