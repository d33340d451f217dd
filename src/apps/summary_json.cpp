#include "apps/summary_json.h"

#include "mina/text/numbers.h"

namespace apps {

namespace {

using mina::text::nanomina_to_mina;

Json commands_json(mina::summary::CommandCounts const& commands) {
    return Json{{"transactions", commands.total()},
                {"payments", commands.payments},
                {"delegations", commands.delegations},
                {"zkappCommands", commands.zkapp_commands},
                {"fees", nanomina_to_mina(commands.fees_nanomina)}};
}

Json block_json(mina::summary::Block const& block) {
    Json json{{"stateHash", block.state_hash ? Json(to_string(*block.state_hash)) : Json(nullptr)},
              {"previousStateHash", to_string(block.previous_state_hash)},
              {"height", block.height},
              {"globalSlot", block.global_slot},
              {"slot", block.slot},
              {"epoch", block.epoch},
              {"timestampMs", block.timestamp_ms},
              {"creator", block.creator},
              {"coinbaseReceiver", block.coinbase_receiver}};
    json.update(commands_json(block.commands));
    json.update(Json{{"failedTransactions", block.failed_commands},
                     {"snarkWorks", block.snark_works},
                     {"snarkFees", nanomina_to_mina(block.snark_fees_nanomina)},
                     {"protocolVersion", block.protocol_version}});
    return json;
}

Json work_json(mina::summary::SnarkWork const& work) {
    if (work.proofs == 0) return Json{{"proofs", 0}};
    return Json{{"proofs", work.proofs},
                {"fee", nanomina_to_mina(work.fee_nanomina)},
                {"prover", work.prover},
                {"key", work.key ? Json(to_string(*work.key)) : Json(nullptr)}};
}

Json transactions_json(mina::summary::Transactions const& transactions) {
    auto json = commands_json(transactions.commands);
    auto hashes = Json::array();
    for (auto const& hash : transactions.hashes) hashes.push_back(to_string(hash));
    json["hashes"] = std::move(hashes);
    return json;
}

}  // namespace

Json to_json(mina::summary::Summary const& summary) {
    if (auto const* block = std::get_if<mina::summary::Block>(&summary)) return block_json(*block);
    if (auto const* work = std::get_if<mina::summary::SnarkWork>(&summary)) return work_json(*work);
    return transactions_json(*std::get_if<mina::summary::Transactions>(&summary));
}

void add_summary(Json& event, libp2p::event::MessageReceived const& message, mina::p2p::P2pState const& state) {
    if (message.topic != state.config.network.checked_topic) return;
    for (auto const format : state.formats.candidates()) {
        auto const summary = mina::summary::summarize(format, message.data.view());
        if (!summary) continue;
        event["kind"] = to_string(kind_of(*summary));
        event["summary"] = to_json(*summary);
        return;
    }
}

}  // namespace apps
