#include "mina/text/base58check.h"

#include "base/check.h"
#include "base/text.h"
#include "crypto/hash.h"

#include <algorithm>

namespace mina::text {

namespace {

using namespace std::string_view_literals;
using Reason = Base58Error::Reason;

constexpr std::size_t checksum_bytes = 4;

// In the order of Base58Kind.
constexpr Base58Form forms[] = {
    {Base58Kind::ledger_hash, "a ledger hash", 0x05, "\x01"sv, 32},
    {Base58Kind::epoch_seed, "an epoch seed", 0x0d, "\x01"sv, 32},
    {Base58Kind::state_hash, "a state hash", 0x10, "\x01"sv, 32},
    {Base58Kind::state_body_hash, "a state body hash", 0x11, "\x01"sv, 32},
    // mina: the version of a receipt chain hash, although there is one for pending coinbases (0x19).
    {Base58Kind::pending_coinbase_hash, "a pending coinbase hash", 0x0c, "\x01"sv, 32},
    {Base58Kind::coinbase_stack_data, "data of a coinbase stack", 0x17, "\x01"sv, 32},
    {Base58Kind::coinbase_stack_hash, "a coinbase stack hash", 0x18, "\x01"sv, 32},
    {Base58Kind::token_id, "a token id", 0x1c, ""sv, 32},
    {Base58Kind::aux_hash, "an auxiliary hash", 0x0e, ""sv, 32},
    {Base58Kind::pending_coinbase_aux, "an auxiliary hash of pending coinbases", 0x0f, ""sv, 32},
    {Base58Kind::public_key, "a public key", 0xcb, "\x01\x01"sv, 33},
    {Base58Kind::signature, "a signature", 0x9a, "\x01"sv, 64},
    {Base58Kind::memo, "a memo", 0x14, ""sv, 34},
    {Base58Kind::transaction_hash, "a transaction hash", 0x1d, "\x20"sv, 32},
};

base::ByteArray<checksum_bytes> checksum(base::ByteView bytes) {
    auto const hash = crypto::sha256(crypto::sha256(bytes));
    base::ByteArray<checksum_bytes> sum{};
    std::copy_n(hash.begin(), sum.size(), sum.begin());
    return sum;
}

std::string_view words(Reason reason) {
    switch (reason) {
        case Reason::not_base58: return "it is not base58";
        case Reason::too_short: return "it is too short";
        case Reason::wrong_checksum: return "its checksum is wrong";
        case Reason::wrong_version: return "its version byte is ";
        case Reason::wrong_prefix: return "the bytes behind its version byte are wrong";
        case Reason::wrong_length: return "it has the wrong length";
    }
    return "";
}

}  // namespace

Base58Form const& form_of(Base58Kind kind) {
    auto const& form = forms[static_cast<std::size_t>(kind)];
    base::check(form.kind == kind, "the forms stand in the order of their kinds");
    return form;
}

std::string to_base58check(Base58Kind kind, base::ByteView content) {
    auto const& form = form_of(kind);
    base::check(content.size() == form.content_bytes, "base58check content has the size of its kind");
    base::ByteString bytes;
    bytes.reserve(1 + form.prefix.size() + content.size() + checksum_bytes);
    bytes.push_back(form.version);
    base::append(bytes, base::as_bytes(form.prefix));
    base::append(bytes, content);
    base::append(bytes, checksum(bytes));
    return base::to_base58(bytes);
}

std::string to_string(Base58Error const& error) {
    std::string text(words(error.reason));
    if (error.reason != Reason::wrong_version) return text;
    text += "0x" + base::to_hex(base::ByteView(&error.version, 1));
    auto const known = std::ranges::find(forms, error.version, &Base58Form::version);
    if (known != std::end(forms)) text += ", that of " + std::string(known->name);
    return text;
}

base::Result<base::ByteString, Base58Error> from_base58check(Base58Kind kind, std::string_view text) {
    auto const& form = form_of(kind);
    auto bytes = base::from_base58(text);
    if (!bytes) return base::fail(Base58Error{Reason::not_base58});
    if (bytes->size() < 1 + checksum_bytes) return base::fail(Base58Error{Reason::too_short});
    auto const body = base::ByteView(*bytes).first(bytes->size() - checksum_bytes);
    auto const sum = base::ByteView(*bytes).last(checksum_bytes);
    if (!base::equal(checksum(body), sum)) return base::fail(Base58Error{Reason::wrong_checksum});
    auto const version = body[0];
    if (version != form.version) return base::fail(Base58Error{Reason::wrong_version, version});
    if (body.size() != 1 + form.prefix.size() + form.content_bytes)
        return base::fail(Base58Error{Reason::wrong_length, version});
    if (!base::equal(body.subspan(1, form.prefix.size()), base::as_bytes(form.prefix)))
        return base::fail(Base58Error{Reason::wrong_prefix, version});
    return base::to_byte_string(body.last(form.content_bytes));
}

}  // namespace mina::text
