// Trace: what happened inside the core, as values. The core never writes text; the applications format and count.
#pragma once

#include <cstdint>
#include <string_view>

namespace base {

/// One record. `machine` and `what` are string literals; `id` names the instance, `value` depends on `what`.
struct TraceRecord {
    std::string_view machine;
    std::string_view what;
    std::uint64_t id = 0;
    std::uint64_t value = 0;
};

class Trace {
public:
    virtual ~Trace() = default;
    virtual void record(TraceRecord const& record) = 0;
};

/// Drops everything.
class NoTrace final : public Trace {
public:
    void record(TraceRecord const&) override {}
};

}  // namespace base
