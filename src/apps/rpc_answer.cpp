#include "apps/rpc_answer.h"

#include "apps/console.h"
#include "apps/rpc_query.h"
#include "base/text.h"
#include "mina/messages/messages.h"
#include "mina/rpc/menu.h"
#include "mina/schema/walker.h"
#include "mina/summary/summary.h"

namespace apps {

namespace {

namespace m = mina::messages;
using mina::rpc::Method;

constexpr std::size_t blocks_shown_max = 24;

class StringSink final : public mina::json::Sink {
public:
    void put(std::string_view text) override { text_ += text; }
    std::string& text() { return text_; }

private:
    std::string text_;
};

bool has_blocks(Method method) {
    return method == Method::get_best_tip || method == Method::get_ancestry || method == Method::get_transition_chain;
}

/// Where the blocks of a value are.
std::vector<base::ByteView> blocks_in(AnswerReading const& reading, base::ByteView value) {
    std::vector<base::ByteView> blocks;
    auto const* const block = mina::schema::find_root(m::schema_of(reading.format), "block");
    if (block == nullptr) return blocks;
    mina::schema::Walker walker(*reading.root->type, value);
    std::size_t begin = 0;
    for (;;) {
        auto const step = walker.next();
        if (!step || !*step) return blocks;
        if ((*step)->type != block->type) continue;
        auto const what = (*step)->what;
        if (what == mina::schema::Step::What::begin) begin = (*step)->offset;
        if (what == mina::schema::Step::What::end) blocks.push_back(value.subspan(begin, (*step)->offset - begin));
    }
}

std::string blocks_table(AnswerReading const& reading, std::vector<base::ByteView> const& blocks) {
    std::vector<std::vector<std::string>> rows;
    for (auto const block : blocks) {
        if (rows.size() == blocks_shown_max) break;
        auto const summary = mina::summary::summarize_block(reading.format, block);
        if (!summary) {
            rows.push_back({"-", summary.error()});
            continue;
        }
        rows.push_back({std::to_string(summary->height), summary->state_hash ? to_string(*summary->state_hash) : "-",
                        summary->creator, std::to_string(summary->commands.total()),
                        std::to_string(summary->snark_works), byte_count(static_cast<double>(block.size()))});
    }
    auto text = table_text({"HEIGHT", "STATE HASH", "CREATOR", "TRANSACTIONS", "SNARK WORKS", "SIZE"}, rows);
    if (blocks.size() > rows.size()) text += "\nand " + std::to_string(blocks.size() - rows.size()) + " more";
    return text;
}

}  // namespace

AnswerReading read_answer(RpcAnswer const& answer, std::vector<m::Format> const& preferred) {
    AnswerReading reading;
    auto const method = mina::rpc::method_of(answer.method);
    if (!method) return reading;
    reading.method = *method;
    for (auto const format : formats_of(*method, answer.version, preferred)) {
        auto const* const root = part_of_method(*method, format, "response");
        auto const* const codec = root != nullptr ? m::codec_of(format, *root) : nullptr;
        if (codec == nullptr || !m::validate_structure(*codec, answer.value)) continue;
        reading.format = format;
        reading.root = root;
        return reading;
    }
    return reading;
}

bool is_none(AnswerReading const& reading, base::ByteView value) {
    auto const is_list = reading.root != nullptr && reading.root->type->kind == mina::schema::Kind::list;
    return !is_list && base::equal(value, base::as_bytes(mina::rpc::info_of(reading.method).none));
}

void write_answer(AnswerReading const& reading, base::ByteView value, mina::json::Sink& sink, unsigned indent) {
    if (is_none(reading, value)) return sink.put("null");
    // The structure was checked when the type was found.
    if (reading.root != nullptr && mina::json::write_json(*reading.root->type, value, sink, {.indent = indent})) return;
    sink.put("{\"hex\":\"");
    constexpr std::size_t piece_bytes = 16384;
    for (; !value.empty(); value = value.subspan(std::min(piece_bytes, value.size()))) {
        sink.put(base::to_hex(value.first(std::min(piece_bytes, value.size()))));
    }
    sink.put("\"}");
}

Json answer_json(AnswerReading const& reading, base::ByteView value) {
    StringSink sink;
    write_answer(reading, value, sink, 0);
    return Json::parse(sink.text());
}

std::string answer_summary(AnswerReading const& reading, RpcAnswer const& answer) {
    std::string type = "of no type that is known";
    if (reading.root != nullptr) {
        type = std::string(reading.root->alias) + ", " + std::string(to_string(reading.format));
    }
    std::string text = table_text({}, {{"method", answer.method},
                                       {"version", std::to_string(answer.version)},
                                       {"size", byte_count(static_cast<double>(answer.size))},
                                       {"type", type},
                                       {"sha256", answer.sha256}});
    if (reading.root == nullptr || !has_blocks(reading.method)) return text;
    return text + "\n\n" + blocks_table(reading, blocks_in(reading, answer.value));
}

std::optional<Json> menu_json(base::ByteView value) {
    auto const menu = mina::rpc::decode_menu(value);
    if (!menu) return std::nullopt;
    auto all = Json::array();
    for (auto const& entry : *menu) {
        auto const method = mina::rpc::method_of(entry.tag);
        auto known = false;
        if (method) {
            auto const& info = mina::rpc::info_of(*method);
            known = mina::rpc::has_version(info.berkeley, entry.version) ||
                    mina::rpc::has_version(info.mesa, entry.version);
        }
        all.push_back({{"method", entry.tag}, {"version", entry.version}, {"known", known}});
    }
    return all;
}

}  // namespace apps
