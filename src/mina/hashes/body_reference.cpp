#include "mina/hashes/body_reference.h"

#include "base/check.h"
#include "crypto/hash.h"

#include <algorithm>
#include <vector>

namespace mina::hashes {

namespace {

constexpr std::size_t link_bytes = 32;
constexpr std::size_t count_bytes = 2;
constexpr std::size_t data_max = body_chunk_bytes - count_bytes;  // of a chunk without links

base::ByteString with_length_and_tag(base::ByteView body) {
    base::ByteString data;
    data.reserve(body.size() + 5);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        data.push_back(static_cast<std::uint8_t>((body.size() + 1) >> shift));
    }
    data.push_back(0);  // mina: Tag.Body
    base::append(data, body);
    return data;
}

crypto::Hash256 chunk_hash(std::vector<crypto::Hash256> const& links, base::ByteView data) {
    base::ByteString chunk{static_cast<std::uint8_t>(links.size()), static_cast<std::uint8_t>(links.size() >> 8)};
    chunk.reserve(count_bytes + links.size() * link_bytes + data.size());
    for (auto const& link : links) base::append(chunk, link);
    base::append(chunk, data);
    return crypto::blake2b_256(chunk);
}

}  // namespace

base::ByteArray<32> body_reference(base::ByteView body) {
    base::check(body.size() <= std::size_t{1} << 30, "body_reference: a body of at most 1 GiB");
    auto const data = with_length_and_tag(body);
    base::ByteView rest(data);
    if (rest.size() <= data_max) return chunk_hash({}, rest);
    // Every link takes room from the data of the first chunk.
    auto const per_link = data_max - link_bytes;
    auto const link_count = (data.size() - link_bytes + per_link - 1) / per_link - 1;
    auto const first = rest.first(data_max - link_count * link_bytes);
    rest = rest.subspan(first.size());
    std::vector<crypto::Hash256> links;
    while (!rest.empty()) {
        auto const size = std::min(rest.size(), data_max);
        links.push_back(chunk_hash({}, rest.first(size)));
        rest = rest.subspan(size);
    }
    base::check(links.size() == link_count, "body_reference: as many chunks as there are links");
    return chunk_hash(links, first);
}

}  // namespace mina::hashes
