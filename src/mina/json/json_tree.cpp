// The parser of JSON texts: RapidJSON's events make a tree.
#include "mina/json/rapidjson.h"
#include "mina/json/tree.h"
#include "mina/json/tree_builder.h"
#include "mina/text/byte_strings.h"

#include <algorithm>

namespace mina::json {

namespace {

// Iterative: a hostile text must not exhaust the stack. In place: strings are decoded where they are. Numbers
// stay texts: few values of a message are numbers, and RapidJSON 1.1.0 overflows when it evaluates some
// (CVE-2024-38517).
constexpr unsigned parse_flags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;

enum class Fault { none, too_deep, not_utf8 };

// What RapidJSON calls a handler. Its functions return false to end the parsing.
class Events {
public:
    Events(TreeBuilder& builder, char const* text) : builder_(builder), text_(text) {}

    bool Null() { return add({.kind = Node::Kind::null}); }
    bool Bool(bool value) { return add({.kind = Node::Kind::boolean, .boolean = value}); }
    bool RawNumber(char const* text, rapidjson::SizeType size, bool) {
        return add(node(Node::Kind::number, text, size));
    }
    bool String(char const* text, rapidjson::SizeType size, bool) {
        return is_utf8(text, size) && add(node(Node::Kind::string, text, size));
    }
    bool Key(char const* text, rapidjson::SizeType size, bool) {
        if (!is_utf8(text, size)) return false;
        builder_.add_name(node(Node::Kind::string, text, size));
        return true;
    }
    bool StartObject() { return open(Node::Kind::object); }
    bool StartArray() { return open(Node::Kind::array); }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }
    // Numbers come as texts.
    bool Int(int) { return false; }
    bool Uint(unsigned) { return false; }
    bool Int64(std::int64_t) { return false; }
    bool Uint64(std::uint64_t) { return false; }
    bool Double(double) { return false; }

    Fault fault() const { return fault_; }

private:
    Node node(Node::Kind kind, char const* text, rapidjson::SizeType size) const {
        return {.kind = kind, .count = size, .text = static_cast<std::uint32_t>(text - text_)};
    }
    bool add(Node node) {
        builder_.add(node);
        return true;
    }
    bool open(Node::Kind kind) {
        if (builder_.open(kind)) return true;
        fault_ = Fault::too_deep;
        return false;
    }
    bool close() {
        builder_.close();
        return true;
    }
    // Of decoded strings: RapidJSON takes the second half of a surrogate pair without the first.
    bool is_utf8(char const* text, rapidjson::SizeType size) {
        if (text::is_utf8(base::as_bytes({text, size}))) return true;
        fault_ = Fault::not_utf8;
        return false;
    }

    TreeBuilder& builder_;
    char const* text_;
    Fault fault_ = Fault::none;
};

std::string_view expected_by(rapidjson::ParseErrorCode code, Fault fault) {
    if (fault == Fault::too_deep) return "no deeper nesting";
    if (fault == Fault::not_utf8) return "a string of UTF-8, its surrogates in pairs";
    switch (code) {
        case rapidjson::kParseErrorDocumentEmpty:
        case rapidjson::kParseErrorValueInvalid: return "a value";
        case rapidjson::kParseErrorDocumentRootNotSingular: return "the end of the text";
        case rapidjson::kParseErrorObjectMissName: return "the name of a member, in quotation marks";
        case rapidjson::kParseErrorObjectMissColon: return "a colon behind the name of a member";
        case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket: return "a comma or '}' behind a member";
        case rapidjson::kParseErrorArrayMissCommaOrSquareBracket: return "a comma or ']' behind an element";
        case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex: return "four hexadecimal digits behind \\u";
        case rapidjson::kParseErrorStringUnicodeSurrogateInvalid: return "the second half of a surrogate pair";
        case rapidjson::kParseErrorStringEscapeInvalid: return "an escape of JSON; control characters have one too";
        case rapidjson::kParseErrorStringMissQuotationMark: return "a quotation mark at the end of a string";
        case rapidjson::kParseErrorNumberTooBig: return "a smaller number";
        case rapidjson::kParseErrorNumberMissFraction: return "digits behind the point";
        case rapidjson::kParseErrorNumberMissExponent: return "digits of an exponent";
        case rapidjson::kParseErrorNone:
        case rapidjson::kParseErrorStringInvalidEncoding:
        case rapidjson::kParseErrorTermination:
        case rapidjson::kParseErrorUnspecificSyntaxError: return "JSON";
    }
    return "";
}

std::string found_at(std::string_view json, std::size_t offset) {
    auto const before = json.substr(0, offset);
    auto const line = 1 + std::ranges::count(before, '\n');
    auto const column = before.size() - (before.rfind('\n') + 1) + 1;
    // The rest of the line, when there is one.
    auto const rest = json.substr(offset, 20);
    auto const shown = rest.substr(0, std::max(rest.find('\n'), std::size_t{1}));
    auto const what = rest.empty() ? std::string("the end of the text") : quoted(shown);
    return what + " in line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace

base::Result<Tree, JsonError> Tree::of_json(std::string_view json) {
    if (json.size() > json_bytes_max)
        return base::fail(JsonError{"", "a text of at most 1 GiB", std::to_string(json.size()) + " bytes"});
    // The parser takes a zero byte for the end.
    if (auto const zero = json.find('\0'); zero != std::string_view::npos)
        return base::fail(JsonError{"", "a text without zero bytes", found_at(json, zero)});
    Tree tree;
    tree.text_ = json;
    TreeBuilder builder;
    Events events(builder, tree.text_.data());
    rapidjson::InsituStringStream stream(tree.text_.data());
    rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, HeapAllocator> parser;
    auto const result = parser.Parse<parse_flags>(stream, events);
    if (result.IsError()) {
        return base::fail(JsonError{builder.path(tree.text_), std::string(expected_by(result.Code(), events.fault())),
                                    found_at(json, result.Offset())});
    }
    tree.nodes_ = builder.take();
    return tree;
}

}  // namespace mina::json
