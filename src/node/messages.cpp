// The functions of <minap2p/messages.h>.
#include <minap2p/messages.h>

#include "mina/json/read.h"
#include "mina/json/write.h"
#include "node/convert.h"
#include "node/gossip_value.h"

namespace mina::p2p {

namespace {

std::string text_of(binprot::Error const& error) {
    return "offset " + std::to_string(error.offset) + ": " + std::string(binprot::to_string(error.reason));
}

Error error_of(std::string where, binprot::Error const& error) { return {std::move(where), text_of(error), {}}; }

std::string where_of(Format format, std::string_view what) {
    return std::string(what) + " of " + std::string(to_string(format));
}

std::string name_of(Method method, CallPart part) {
    return std::string(to_string(method)) + (part == CallPart::query ? ".query" : ".response");
}

// A type by its name; the error says that the format has none.
Result<schema::Root const*> root_of(Method method, CallPart part, Format format) {
    auto const name = name_of(method, part);
    auto const* const root = schema::find_root(messages::schema_of(inner(format)), name);
    if (root != nullptr) return root;
    return Error{where_of(format, name), "this format has no type for it", "deal with its bytes"};
}

Result<std::string> json_of(schema::Root const& root, std::string where, Bytes const& value,
                            JsonOptions const& options) {
    auto json = json::to_json(*root.type, value.view(), {options.indent, options.structural_proofs});
    if (json) return std::move(*json);
    return error_of(std::move(where), json.error());
}

Result<Bytes> bytes_of(schema::Root const& root, std::string where, std::string_view json) {
    auto bytes = json::read_json(*root.type, json);
    if (bytes) return Bytes(std::move(*bytes));
    return Error{std::move(where), json::to_string(bytes.error()), {}};
}

// Slices of an answer, found by walking over the values in it.
class Blocks {
public:
    Blocks(Format format, Bytes const& answer)
        : codec_(value_codec(inner(format), messages::GossipKind::block)), answer_(answer), reader_(answer.view()) {}

    bool take_all(bool is_chain) {
        std::uint8_t some = 0;
        if (!reader_.tag(some, 2)) return false;
        if (some == 0) return reader_.finish();
        return (is_chain ? take_list() : take_proof()) && reader_.finish();
    }
    binprot::Error const& error() const { return reader_.error(); }

    std::vector<Bytes> found;

private:
    bool take_block() {
        auto const begin = reader_.offset();
        if (!codec_.validate(reader_)) return false;
        found.push_back(answer_.slice(begin, reader_.offset() - begin));
        return true;
    }
    // (block, (hashes, block))
    bool take_proof() {
        std::size_t hashes = 0;
        return take_block() && reader_.count(hashes, 32) && reader_.take(hashes * 32) != nullptr && take_block();
    }
    bool take_list() {
        std::size_t count = 0;
        if (!reader_.count(count, 1)) return false;
        for (std::size_t i = 0; i < count; ++i) {
            if (!take_block()) return false;
        }
        return true;
    }

    messages::RootCodec const& codec_;
    Bytes const& answer_;
    binprot::Reader reader_;
};

Bytes small(std::initializer_list<std::uint8_t> bytes) { return Bytes(std::vector<std::uint8_t>(bytes)); }

Bytes count_of(std::size_t count, std::initializer_list<std::uint8_t> before) {
    std::vector<std::uint8_t> bytes(before.size() + 9);
    binprot::Writer writer(bytes);
    for (auto const byte : before) writer.put_byte(byte);
    writer.put_count(count);
    bytes.resize(writer.size());
    return bytes;
}

}  // namespace

Result<std::string> to_json(MessageKind kind, Format format, Bytes const& value, JsonOptions const& options) {
    return json_of(value_root(inner(format), inner(kind)), where_of(format, to_string(kind)), value, options);
}

Result<Bytes> from_json(MessageKind kind, Format format, std::string_view json) {
    return bytes_of(value_root(inner(format), inner(kind)), where_of(format, to_string(kind)), json);
}

Result<std::string> to_json(Method method, CallPart part, Format format, Bytes const& value,
                            JsonOptions const& options) {
    auto const root = root_of(method, part, format);
    if (!root) return root.error();
    return json_of(**root, where_of(format, name_of(method, part)), value, options);
}

Result<Bytes> from_json(Method method, CallPart part, Format format, std::string_view json) {
    auto const root = root_of(method, part, format);
    if (!root) return root.error();
    return bytes_of(**root, where_of(format, name_of(method, part)), json);
}

Result<BlockSummary> summarize_block(Format format, Bytes const& block) {
    auto const block_summary = summary::summarize_block(inner(format), block.view());
    if (block_summary) return outer(*block_summary);
    return Error{where_of(format, "block"), block_summary.error(), {}};
}

bool is_nothing(Method method, Bytes const& answer) {
    return base::as_text(answer.view()) == rpc::info_of(inner(method)).none;
}

Result<std::vector<Bytes>> blocks_of(Method method, Format format, Bytes const& answer) {
    auto const where = where_of(format, name_of(method, CallPart::answer));
    auto const is_chain = method == Method::get_transition_chain;
    if (!is_chain && method != Method::get_best_tip && method != Method::get_ancestry) {
        return Error{where, "answers of this method have no blocks", {}};
    }
    Blocks blocks(format, answer);
    if (!blocks.take_all(is_chain)) return error_of(where, blocks.error());
    return std::move(blocks.found);
}

std::vector<Bytes> transition_chain_answer(std::vector<Bytes> const& blocks) {
    std::vector<Bytes> pieces{count_of(blocks.size(), {1})};
    pieces.insert(pieces.end(), blocks.begin(), blocks.end());
    return pieces;
}

std::vector<Bytes> best_tip_answer(Bytes const& tip, std::vector<Bytes> const& path, Bytes const& root) {
    std::vector<Bytes> pieces{small({1}), tip, count_of(path.size(), {})};
    pieces.insert(pieces.end(), path.begin(), path.end());
    pieces.push_back(root);
    return pieces;
}

}  // namespace mina::p2p
