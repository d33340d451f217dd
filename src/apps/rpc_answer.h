// What peers answer, for people and for programs.
#pragma once

#include "apps/events_json.h"
#include "apps/rpc_call.h"
#include "mina/json/write.h"
#include "mina/rpc/methods.h"

namespace apps {

/// How an answer is read.
struct AnswerReading {
    mina::rpc::Method method = mina::rpc::Method::menu;
    mina::messages::Format format = mina::messages::Format::berkeley;
    mina::schema::Root const* root = nullptr;  // null: of no type that is known
};

/// By the first format that has the method in this version, and in which this is a value; those of `preferred` first.
AnswerReading read_answer(RpcAnswer const& answer, std::vector<mina::messages::Format> const& preferred);

/// The method found nothing. An empty list is a list, not this.
bool is_none(AnswerReading const& reading, base::ByteView value);

/// The value as JSON: null for none, {"hex"} of one that is of no type.
void write_answer(AnswerReading const& reading, base::ByteView value, mina::json::Sink& sink, unsigned indent);
Json answer_json(AnswerReading const& reading, base::ByteView value);

/// Of a value that is too long to be read by people: the blocks in it, and how large it is.
std::string answer_summary(AnswerReading const& reading, RpcAnswer const& answer);

/// The answer to "menu": {"method","version","known"} an entry; `known`: we can ask it. nullopt when it is none.
std::optional<Json> menu_json(base::ByteView value);

}  // namespace apps
