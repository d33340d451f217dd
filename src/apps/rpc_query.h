// What is asked of a peer: methods by the names that people give, and queries from the words behind them.
#pragma once

#include "base/result.h"
#include "mina/rpc/methods.h"
#include "mina/schema/schema.h"

#include <span>
#include <string>
#include <vector>

namespace apps {

/// By its tag in any case, or by a short name ("menu", "get_staged_ledger"). The error names the nearest.
base::Result<mina::rpc::Method, std::string> find_method(std::string_view name);

/// A line a method: its name and arguments, for --help.
std::string method_lines();

/// The formats whose nodes have the method in this version, those of `preferred` first; with no version, all.
std::vector<mina::messages::Format> formats_of(mina::rpc::Method method, std::optional<std::int64_t> version,
                                               std::vector<mina::messages::Format> const& preferred);

/// The type of a method's query or answer ("query", "response"); null when the format has none for it.
mina::schema::Root const* part_of_method(mina::rpc::Method method, mina::messages::Format format,
                                         std::string_view part);

/// The query in bin_prot, from arguments such as state hashes. The error says what was wanted.
base::Result<base::ByteString, std::string> query_from_words(mina::rpc::Method method, mina::messages::Format format,
                                                             std::span<std::string const> words);
/// From JSON in the form of docs/MESSAGES.md.
base::Result<base::ByteString, std::string> query_from_json(mina::rpc::Method method, mina::messages::Format format,
                                                            std::string_view json);

}  // namespace apps
