// Goal: sealing and opening records allocates nothing in the steady state.
// Method: malloc is counted, OpenSSL's calls among them: by a hook of the sanitizer where there is one, else by
// standing in front of the C library.
#include "libp2p/noise/noise.h"

#include "base/check.h"
#include "libp2p/noise/test_peers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace {
std::size_t allocations = 0;
}

#if defined(__SANITIZE_ADDRESS__)
#define MINAP2P_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MINAP2P_ADDRESS_SANITIZER
#endif
#endif

#ifdef MINAP2P_ADDRESS_SANITIZER
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(void const volatile*, std::size_t),
                                                         void (*on_free)(void const volatile*));
namespace {
int const hooked = __sanitizer_install_malloc_and_free_hooks([](void const volatile*, std::size_t) { ++allocations; },
                                                             [](void const volatile*) {});
}
#else
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* old, std::size_t size);
void* malloc(std::size_t size) noexcept {
    ++allocations;
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    ++allocations;
    return __libc_calloc(count, size);
}
void* realloc(void* old, std::size_t size) noexcept {
    ++allocations;
    return __libc_realloc(old, size);
}
}
#endif

namespace libp2p::noise {
namespace {

crypto::AeadSecret const secret{1};

CipherState cipher() { return {crypto::real_suite(), secret}; }

/// Allocations of `work`, once it has run often enough to own what it needs.
template <class Work>
std::size_t allocations_of(Work&& work) {
    for (int i = 0; i < 20; ++i) work();
    auto const before = allocations;
    for (int i = 0; i < 50; ++i) work();
    return allocations - before;
}

void drain(Opener& opener, base::MutableBytes chunk) {
    opener.feed(chunk);
    for (;;) {
        auto const next = opener.next();
        base::check(next.has_value(), "a record of ours");
        if (!*next) return;
    }
}

void seal(CipherState& with, base::ByteView plaintext, base::ByteString& out) {
    base::check(testing::seal(with, plaintext, out).has_value(), "a nonce left");
}

TEST(noise_allocations, the_count_sees_an_allocation) {
    // Volatile, so that the pair is not optimised away
    EXPECT_GE(allocations_of([] {
                  auto* volatile bytes = new char[100];
                  delete[] bytes;
              }),
              50U);
}

TEST(noise_allocations, sealing_and_opening_whole_frames_allocates_nothing) {
    for (auto const size : {std::size_t{12}, std::size_t{1500}, plaintext_bytes_max, 3 * plaintext_bytes_max}) {
        auto sender = cipher();
        Opener opener(cipher());
        base::ByteString const plaintext(size, 3);
        base::ByteString wire;
        EXPECT_EQ(allocations_of([&] {
                      wire.clear();
                      seal(sender, plaintext, wire);
                      drain(opener, wire);
                  }),
                  0U)
            << size;
    }
}

TEST(noise_allocations, frames_that_span_chunks_allocate_nothing_while_they_flow) {
    auto sender = cipher();
    Opener opener(cipher());
    base::ByteString const plaintext(10'000, 3);
    base::ByteString wire;
    base::ByteString chunk(8192);
    wire.reserve(100'000);
    EXPECT_EQ(allocations_of([&] {
                  while (wire.size() <= chunk.size()) seal(sender, plaintext, wire);
                  std::copy_n(wire.begin(), chunk.size(), chunk.begin());
                  wire.erase(wire.begin(), wire.begin() + static_cast<std::ptrdiff_t>(chunk.size()));
                  drain(opener, chunk);
              }),
              0U);
}

}  // namespace
}  // namespace libp2p::noise
