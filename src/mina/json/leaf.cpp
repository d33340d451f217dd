#include "mina/json/leaf.h"

#include "base/check.h"
#include "base/text.h"
#include "mina/json/layout.h"
#include "mina/schema/integers.h"
#include "mina/text/byte_strings.h"
#include "mina/text/numbers.h"

#include <bit>
#include <charconv>
#include <limits>

namespace mina::json {

namespace {

using schema::Form;
using schema::Kind;
using schema::Step;
using schema::Type;
using Read = base::Result<void, std::string>;

Read wrong(std::string_view what = "") { return base::fail(std::string(what)); }

bool is_field(Kind kind) { return kind == Kind::field_p || kind == Kind::field_q; }

// mina: unsigned integers travel as the signed ones of the same bits; OCaml's own integers are signed.
bool is_unsigned(Type const& type) { return type.kind != Kind::int63 && type.form != Form::is_signed; }

std::uint64_t unsigned_of(Type const& type, std::int64_t value) {
    return type.kind == Kind::int32 ? static_cast<std::uint32_t>(value) : static_cast<std::uint64_t>(value);
}

std::string integer_text(Step const& leaf) {
    auto const& type = *leaf.type;
    if (type.form == Form::fee) return text::nanomina_to_mina(unsigned_of(type, leaf.integer));
    return is_unsigned(type) ? std::to_string(unsigned_of(type, leaf.integer)) : std::to_string(leaf.integer);
}

// A byte as the character of that number, in UTF-8.
std::string character_text(std::uint8_t byte) {
    if (byte < 0x80) return {static_cast<char>(byte)};
    return {static_cast<char>(0xc0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3f))};
}

std::optional<std::uint8_t> character_of(std::string_view text) {
    if (text.size() == 1) return static_cast<std::uint8_t>(text[0]);
    auto const lead = static_cast<std::uint8_t>(text.empty() ? 0 : text[0]);
    if (text.size() != 2 || (lead & 0xfc) != 0xc0) return std::nullopt;
    return static_cast<std::uint8_t>(lead << 6 | (static_cast<std::uint8_t>(text[1]) & 0x3f));
}

std::optional<std::string> string_text(Step const& leaf) {
    switch (leaf.type->form) {
        case Form::bytes: return text::escape_bytes(leaf.bytes);
        case Form::hex: return base::to_hex(leaf.bytes);
        case Form::base64url: return text::to_base64url(leaf.bytes);
        default: break;
    }
    if (auto const kind = base58_kind(*leaf.type)) {
        if (leaf.bytes.size() != text::form_of(*kind).content_bytes) return std::nullopt;
        return text::to_base58check(*kind, leaf.bytes);
    }
    if (!text::is_utf8(leaf.bytes)) return std::nullopt;
    return std::string(base::as_text(leaf.bytes));
}

std::optional<base::ByteString> string_of(Type const& type, std::string_view text) {
    switch (type.form) {
        case Form::bytes: return text::unescape_bytes(text);
        case Form::hex: return base::from_hex(text);
        case Form::base64url: return text::from_base64url(text);
        default: return base::to_byte_string(base::as_bytes(text));
    }
}

template <class T>
std::optional<T> number_of(std::string_view text) {
    T value{};
    auto const end = text.data() + text.size();
    auto const [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

Read append_unsigned(base::ByteString& out, Type const& type, std::uint64_t value) {
    if (type.kind == Kind::int64) {
        schema::append_integer(out, static_cast<std::int64_t>(value));
        return {};
    }
    if (value > std::numeric_limits<std::uint32_t>::max()) return wrong("it is too large");
    schema::append_integer(out, static_cast<std::int32_t>(static_cast<std::uint32_t>(value)));
    return {};
}

Read append_integer_text(base::ByteString& out, Type const& type, std::string_view text) {
    if (type.form == Form::fee) {
        auto const amount = text::nanomina_from_mina(text);
        return amount ? append_unsigned(out, type, *amount) : wrong();
    }
    if (is_unsigned(type)) {
        auto const value = number_of<std::uint64_t>(text);
        return value ? append_unsigned(out, type, *value) : wrong();
    }
    auto const value = number_of<std::int64_t>(text);
    return value ? append_integer(out, type, *value) : wrong();
}

std::string expected_integer(Type const& type) {
    if (type.form == Form::number) return "an integer, as a number";
    if (type.form == Form::fee) return "an amount of MINA with up to 9 decimals, as a string";
    switch (type.kind) {
        case Kind::int32:
            return is_unsigned(type) ? "an integer from 0 to 4294967295, as a string"
                                     : "an integer from -2147483648 to 2147483647, as a string";
        case Kind::int64: return "an integer from 0 to 18446744073709551615, as a string";
        default: return "an integer from -2^62 to 2^62 - 1, as a string";
    }
}

std::string expected_string(Type const& type) {
    switch (type.form) {
        case Form::bytes: return "a string; bytes that are not graphic ASCII as \\xNN";
        case Form::hex: return "hexadecimal digits, as a string";
        case Form::base64url: return "base64url with padding";
        default: return "a string";
    }
}

}  // namespace

std::optional<std::string> leaf_text(Step const& leaf) {
    auto const kind = leaf.type->kind;
    if (kind == Kind::string) return string_text(leaf);
    if (kind == Kind::character) return character_text(static_cast<std::uint8_t>(leaf.integer));
    if (kind == Kind::float64) return text::float_to_text(float_of(leaf.bytes));
    if (!is_field(kind)) return integer_text(leaf);
    auto const base58 = base58_kind(*leaf.type);
    return base58 ? text::to_base58check(*base58, leaf.bytes) : text::field_to_hex(leaf.bytes);
}

Read append_leaf(base::ByteString& out, Type const& type, std::string_view text) {
    if (auto const kind = base58_kind(type)) {
        auto const content = text::from_base58check(*kind, text);
        if (!content) return wrong(to_string(content.error()));
        if (type.kind == Kind::string) {
            append_string(out, *content);
        } else {
            base::append(out, *content);
        }
        return {};
    }
    if (is_field(type.kind)) {
        auto const element = text::field_from_hex(text);
        if (!element) return wrong();
        base::append(out, *element);
        return {};
    }
    if (type.kind == Kind::string) {
        auto const bytes = string_of(type, text);
        if (!bytes) return wrong();
        append_string(out, *bytes);
        return {};
    }
    if (type.kind == Kind::character) {
        auto const character = character_of(text);
        if (!character) return wrong();
        out.push_back(*character);
        return {};
    }
    if (type.kind == Kind::float64) {
        auto const value = text::float_from_text(text);
        if (!value) return wrong();
        append_float(out, *value);
        return {};
    }
    return append_integer_text(out, type, text);
}

Read append_integer(base::ByteString& out, Type const& type, std::int64_t value) {
    if (type.kind == Kind::int63 && (value >> 62) != (value >> 63)) return wrong("it has more than 63 bits");
    if (type.kind == Kind::int32 && value != static_cast<std::int32_t>(value)) return wrong("it has more than 32 bits");
    schema::append_integer(out, value);
    return {};
}

void append_string(base::ByteString& out, base::ByteView bytes) {
    schema::append_count(out, bytes.size());
    base::append(out, bytes);
}

void append_tag(base::ByteString& out, Type const& type, schema::Constructor const& constructor) {
    auto const bits = type.kind == Kind::polymorphic_variant ? 32U : 8U;
    for (unsigned i = 0; i < bits; i += 8) out.push_back(static_cast<std::uint8_t>(constructor.tag >> i));
}

std::string expected_leaf(Type const& type) {
    if (auto const kind = base58_kind(type)) return std::string(text::form_of(*kind).name) + " in base58check";
    switch (type.kind) {
        case Kind::character: return "a string of one character, at most U+00FF";
        case Kind::float64: return "a number, as a string";
        case Kind::field_p:
        case Kind::field_q: return "\"0x\" and 64 hexadecimal digits";
        case Kind::string: return expected_string(type);
        default: return expected_integer(type);
    }
}

double float_of(base::ByteView bytes) {
    base::check(bytes.size() == 8, "a float has 8 bytes");
    std::uint64_t bits = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) bits = bits << 8 | bytes[i];
    return std::bit_cast<double>(bits);
}

void append_float(base::ByteString& out, double value) {
    auto const bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned i = 0; i < 64; i += 8) out.push_back(static_cast<std::uint8_t>(bits >> i));
}

}  // namespace mina::json
