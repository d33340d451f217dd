#include "mina/json/layout.h"

#include "base/check.h"

#include <algorithm>

namespace mina::json {

namespace {

using schema::Constructor;
using schema::Form;
using schema::Kind;
using schema::Type;
using text::Base58Kind;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

// "What_child_hashes" as "WhatChildHashes".
std::string camel_case(std::string_view name) {
    std::string text;
    bool is_first = true;
    for (auto const c : name) {
        if (c != '_') text.push_back(is_first ? upper(c) : c);
        is_first = c == '_';
    }
    return text;
}

bool is_variant(Type const& type) { return type.kind == Kind::variant || type.kind == Kind::polymorphic_variant; }

Layout layout_of_variant(Type const& type, std::size_t arguments) {
    switch (type.form) {
        case Form::array: return Layout::named_array;
        case Form::bare: return Layout::single;
        case Form::gossip: return arguments == 1 ? Layout::message : Layout::message_and_nonce;
        default: return arguments == 1 ? Layout::named_value : Layout::named_parts;
    }
}

}  // namespace

Layout layout_of(Type const& type, Constructor const* constructor) {
    switch (type.kind) {
        case Kind::option: return Layout::single;
        case Kind::record:
            if (type.form == Form::public_key) return Layout::text;
            if (type.form == Form::fee_excess) return Layout::fee_excess;
            return type.form == Form::sexp ? Layout::proof : Layout::object;
        case Kind::tuple: return type.form == Form::signature ? Layout::text : Layout::array;
        case Kind::scan_tree: return Layout::scan_tree;
        default: break;
    }
    if (!is_variant(type)) return Layout::array;
    base::check(constructor != nullptr, "a variant is one of its constructors");
    return layout_of_variant(type, constructor->arguments.size());
}

bool is_spread(Type const& type, Constructor const& constructor) {
    if (type.form != Form::array || constructor.arguments.size() != 1) return false;
    auto const& argument = *constructor.arguments[0].type;
    return argument.kind == Kind::tuple && argument.form == Form::plain;
}

bool is_proof(Type const& type) {
    return type.form == Form::sexp || type.name == "@proof:47" || type.name.starts_with("@proof:47#");
}

std::optional<Base58Kind> base58_kind(Type const& type) {
    switch (type.form) {
        case Form::state_hash: return Base58Kind::state_hash;
        case Form::state_body_hash: return Base58Kind::state_body_hash;
        case Form::ledger_hash: return Base58Kind::ledger_hash;
        case Form::epoch_seed: return Base58Kind::epoch_seed;
        case Form::pending_coinbase_hash: return Base58Kind::pending_coinbase_hash;
        case Form::coinbase_stack_data: return Base58Kind::coinbase_stack_data;
        case Form::coinbase_stack_hash: return Base58Kind::coinbase_stack_hash;
        case Form::token_id: return Base58Kind::token_id;
        case Form::memo: return Base58Kind::memo;
        case Form::aux_hash: return Base58Kind::aux_hash;
        case Form::pending_coinbase_aux: return Base58Kind::pending_coinbase_aux;
        case Form::public_key: return Base58Kind::public_key;
        case Form::signature: return Base58Kind::signature;
        default: return std::nullopt;
    }
}

std::string json_name(Type const& type, Constructor const& constructor) {
    switch (type.form) {
        case Form::array:
        case Form::named: return std::string(constructor.name);
        case Form::result: return constructor.name == "Error" ? "Err" : std::string(constructor.name);
        case Form::gossip: {
            std::string name(constructor.name);
            std::ranges::transform(name, name.begin(), lower);
            return name;
        }
        default: return camel_case(constructor.name);
    }
}

bool is_json_name(std::string_view name, Type const& type, Constructor const& constructor) {
    if (type.form == Form::array || type.form == Form::named) return name == constructor.name;
    return name == json_name(type, constructor);
}

bool is_string_when_constant(Type const& type) { return type.form != Form::array; }

}  // namespace mina::json
