#include "mina/json/write.h"

#include "base/text.h"
#include "mina/json/layout.h"
#include "mina/json/leaf.h"
#include "mina/json/rapidjson.h"
#include "mina/json/sexp_writer.h"
#include "mina/schema/walker.h"
#include "mina/text/byte_strings.h"

#include <array>
#include <optional>

namespace mina::json {

namespace {

using binprot::Error;
using schema::Form;
using schema::Kind;
using schema::Step;
using schema::Type;

// RapidJSON's idea of an output stream, in front of a sink.
class SinkStream {
public:
    using Ch = char;
    explicit SinkStream(Sink& sink) : sink_(sink) {}
    void Put(char c) {
        if (size_ == buffer_.size()) Flush();
        buffer_[size_++] = c;
    }
    void Flush() {
        if (size_ != 0) sink_.put({buffer_.data(), size_});
        size_ = 0;
    }

private:
    Sink& sink_;
    std::array<char, 16384> buffer_{};
    std::size_t size_ = 0;
};

using Encoding = rapidjson::UTF8<>;
using CompactWriter = rapidjson::Writer<SinkStream, Encoding, Encoding, HeapAllocator>;
using IndentedWriter = rapidjson::PrettyWriter<SinkStream, Encoding, Encoding, HeapAllocator>;

// Writes the steps of a walk by one of RapidJSON's writers.
template <class Output>
class Scribe {
public:
    Scribe(Output& out, base::ByteView message, bool structural_proofs)
        : out_(out), message_(message), structural_proofs_(structural_proofs) {}

    void put(Step const& step) {
        if (proof_depth_) return put_in_proof(step);
        switch (step.what) {
            case Step::What::begin: return begin(step);
            case Step::What::end: return end(step);
            case Step::What::leaf: return leaf(step);
        }
    }

private:
    struct Open {
        Layout layout = Layout::object;
        schema::Constructor const* constructor = nullptr;
        Type const* type = nullptr;
        std::size_t offset = 0;
        std::size_t levels = 0;  // of a scan tree: of nodes, so far
    };

    void begin(Step const& step) {
        before_part(step);
        if (step.is_level) return begin_level(step);
        Open const open{layout_at(step), step.constructor, step.type, step.offset};
        open_.push_back(open);
        if (open.layout == Layout::proof) {
            proof_depth_ = step.depth;
            proof_.put(step);
        }
        put_before(open);
    }

    Layout layout_at(Step const& step) const {
        auto const in_named_array = !open_.empty() && open_.back().layout == Layout::named_array;
        if (in_named_array && is_spread(*open_.back().type, *open_.back().constructor)) return Layout::spread;
        auto const layout = layout_of(*step.type, step.constructor);
        return layout == Layout::proof && structural_proofs_ ? Layout::object : layout;
    }

    // What stands in front of all parts.
    void put_before(Open const& open) {
        switch (open.layout) {
            case Layout::object: out_.StartObject(); return;
            case Layout::array:
            case Layout::fee_excess: out_.StartArray(); return;
            case Layout::named_array:
                out_.StartArray();
                string(open.constructor->name);
                return;
            case Layout::named_value: return named(open);
            case Layout::named_parts:
                named(open);
                out_.StartArray();
                return;
            case Layout::message: return message(open);
            case Layout::message_and_nonce:
                message(open);
                out_.StartObject();
                return;
            case Layout::single:
            case Layout::spread:
            case Layout::scan_tree:
            case Layout::text:
            case Layout::proof: return;
        }
    }

    void named(Open const& open) {
        out_.StartObject();
        key(json_name(*open.type, *open.constructor));
    }

    void message(Open const& open) {
        out_.StartObject();
        key("type");
        string(json_name(*open.type, *open.constructor));
        key("message");
    }

    void begin_level(Step const& step) {
        auto const is_leaf = step.constructor->name == "Leaf";
        open_.push_back({is_leaf ? Layout::named_value : Layout::array, step.constructor, step.type, step.offset});
        out_.StartObject();
        key(step.constructor->name);
        if (!is_leaf) {
            out_.StartObject();
            key("depth");
            string(std::to_string(step.integer));
            key("value");
        }
        out_.StartArray();
    }

    void end(Step const& step) {
        auto const open = open_.back();
        open_.pop_back();
        if (open.layout == Layout::text) {
            auto const bytes = message_.subspan(open.offset, step.offset - open.offset);
            string(text::to_base58check(base58_kind(*open.type).value(), bytes));
        } else if (step.is_level) {
            end_level(open);
        } else {
            put_behind(open);
        }
        after_part(step);
    }

    // What stands behind all parts.
    void put_behind(Open const& open) {
        switch (open.layout) {
            case Layout::object:
            case Layout::named_value:
            case Layout::message: out_.EndObject(); return;
            case Layout::array:
            case Layout::named_array:
            case Layout::fee_excess: out_.EndArray(); return;
            case Layout::named_parts:
                out_.EndArray();
                out_.EndObject();
                return;
            case Layout::message_and_nonce:
                out_.EndObject();
                out_.EndObject();
                return;
            case Layout::scan_tree:
                for (std::size_t i = 0; i < 2 * open.levels; ++i) out_.EndObject();
                return;
            case Layout::single:
            case Layout::spread:
            case Layout::text:
            case Layout::proof: return;
        }
    }

    // The objects of a node stay open: the next level stands inside.
    void end_level(Open const& level) {
        out_.EndArray();
        if (level.layout == Layout::named_value) {
            out_.EndObject();
        } else {
            ++open_.back().levels;
        }
    }

    void before_part(Step const& step) {
        if (open_.empty()) return;
        auto const layout = open_.back().layout;
        if (layout == Layout::object) key(step.member->name);
        if (layout == Layout::message_and_nonce) key(step.index == 0 ? "message" : "nonce");
        if (layout == Layout::scan_tree && step.index > 0) key("sub_tree");
        if (layout != Layout::fee_excess) return;
        if (step.index % 2 == 0) out_.StartObject();
        key(step.index % 2 == 0 ? "token" : "amount");
    }

    void after_part(Step const& step) {
        if (!open_.empty() && open_.back().layout == Layout::fee_excess && step.index % 2 == 1) out_.EndObject();
    }

    void leaf(Step const& step) {
        if (!open_.empty() && open_.back().layout == Layout::text) return;
        before_part(step);
        put_leaf(step);
        after_part(step);
    }

    void put_leaf(Step const& step) {
        switch (step.type->kind) {
            case Kind::unit:
            case Kind::option: out_.Null(); return;
            case Kind::boolean: out_.Bool(step.integer != 0); return;
            case Kind::variant:
            case Kind::polymorphic_variant: return constant(step);
            default: break;
        }
        if (step.type->form == Form::number) {
            out_.Int64(step.integer);
        } else if (auto const text = leaf_text(step)) {
            string(*text);
        } else {
            out_.StartObject();
            key("hex");
            string(base::to_hex(step.bytes));
            out_.EndObject();
        }
    }

    void constant(Step const& step) {
        auto const is_string = is_string_when_constant(*step.type);
        if (!is_string) out_.StartArray();
        string(json_name(*step.type, *step.constructor));
        if (!is_string) out_.EndArray();
    }

    void put_in_proof(Step const& step) {
        proof_.put(step);
        if (step.what != Step::What::end || step.depth != *proof_depth_) return;
        proof_depth_.reset();
        string(text::to_base64url(base::as_bytes(proof_.take())));
        open_.pop_back();
        after_part(step);
    }

    void string(std::string_view text) { out_.String(text.data(), static_cast<rapidjson::SizeType>(text.size())); }
    void key(std::string_view text) { out_.Key(text.data(), static_cast<rapidjson::SizeType>(text.size())); }

    Output& out_;
    base::ByteView message_;
    bool structural_proofs_;
    std::vector<Open> open_;
    std::optional<std::size_t> proof_depth_;  // of the proof that is being written as a string
    SexpWriter proof_;
};

template <class Output>
base::Result<void, Error> write(Type const& type, base::ByteView message, Output& out, bool structural_proofs) {
    Scribe<Output> scribe(out, message, structural_proofs);
    schema::Walker walker(type, message);
    while (true) {
        TRY(auto const step, walker.next());
        if (!step) break;
        scribe.put(*step);
    }
    if (walker.offset() != message.size()) return base::fail(Error{walker.offset(), binprot::Reason::trailing_bytes});
    return {};
}

class TextSink final : public Sink {
public:
    void put(std::string_view text) override { text_ += text; }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace

base::Result<void, Error> write_json(Type const& type, base::ByteView message, Sink& sink,
                                     WriteOptions const& options) {
    SinkStream stream(sink);
    if (options.indent == 0) {
        CompactWriter out(stream);
        TRY_VOID(write(type, message, out, options.structural_proofs));
    } else {
        IndentedWriter out(stream);
        out.SetIndent(' ', options.indent);
        TRY_VOID(write(type, message, out, options.structural_proofs));
    }
    stream.Flush();
    return {};
}

base::Result<std::string, Error> to_json(Type const& type, base::ByteView message, WriteOptions const& options) {
    TextSink sink;
    TRY_VOID(write_json(type, message, sink, options));
    return sink.take();
}

}  // namespace mina::json
