// Text of strangers (agents, protocol names), made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace apps {

/// Valid UTF-8 in which nothing acts on a terminal, a spreadsheet's line or an XML parser: control characters, marks
/// that turn the direction of writing, non-characters and malformed bytes become U+FFFD. Cut, with "…", at `bytes_max`.
std::string shown(std::string_view text, std::size_t bytes_max = 1000);

/// The same, for XML text and attributes in double quotes.
std::string xml_text(std::string_view text);

/// A field of CSV, quoted when it has to be. spec: RFC 4180. One that a spreadsheet would take for a formula gets an
/// apostrophe in front.
std::string csv_field(std::string_view text);

}  // namespace apps
