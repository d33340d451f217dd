// What a process used between two moments: time, CPU, memory, allocations. And samples, of which the worst count.
#pragma once

#include "base/testing/counted_new.h"
#include "base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mina::bench {

/// The largest memory in RAM that this process has had so far, in bytes.
std::uint64_t peak_rss_bytes();

struct Usage {
    double seconds = 0;
    double cpu_seconds = 0;  // user and system
    std::uint64_t allocations = 0;
};

class Meter {
public:
    void start();
    Usage stop() const;

private:
    static double clock();
    Usage begun_;
};

struct Lateness {
    std::uint64_t count = 0;
    double p99_ms = 0;
    double max_ms = 0;
};

class Samples {
public:
    void add(base::Duration late) { late_.push_back(late); }
    Lateness sum_up() const;

private:
    std::vector<base::Duration> late_;
};

/// CPU time a byte, in nanoseconds, of what every byte of an answer goes through, measured in this process now.
struct Calibration {
    double copy_small = 0;  // memcpy, 64 KiB again and again
    double copy_large = 0;  // memcpy, 59 MB
    double seal = 0;        // ChaCha20-Poly1305, records of 64 KiB
    double open = 0;
    double pnet = 0;        // XSalsa20, 64 KiB
};
Calibration calibrate();

}  // namespace mina::bench
