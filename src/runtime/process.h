// What this program uses of the machine.
#pragma once

#include <cstdint>

namespace runtime {

/// Memory in RAM, in bytes; 0 when /proc is not mounted.
std::uint64_t rss_bytes();

/// CPU time of all threads, user and system, in seconds.
double cpu_seconds();

/// Raises the soft limit of open descriptors to the hard one; returns the limit in force.
std::uint64_t raise_descriptor_limit();

}  // namespace runtime
