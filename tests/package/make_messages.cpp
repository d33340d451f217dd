// Writes messages for the test of the examples into a directory: make_messages DIR.
#include "node/testing/sample_messages.h"

#include <fstream>

namespace {

void write(std::string const& path, std::span<std::uint8_t const> bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int count, char** arguments) {
    using namespace mina::p2p;
    if (count != 2) return 2;
    std::string const directory = arguments[1];
    testing::SampleMessages samples;
    auto const parent = samples.block();
    auto const child = samples.block_after(parent);
    write(directory + "/parent.bin", parent);
    auto const json = *to_json(MessageKind::block, Format::berkeley, child);
    write(directory + "/child.json", Bytes::copy_of(json));
    write(directory + "/work.bin", samples.snark_work());
    std::string lines;
    for (int i = 0; i < 2; ++i) {
        lines += *to_json(MessageKind::transactions, Format::berkeley, samples.transactions(2'000)) + "\n";
    }
    write(directory + "/transactions.json", Bytes::copy_of(lines));
}
