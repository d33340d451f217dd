#include "mina/hashes/snark_work_key.h"

#include "crypto/hash.h"
#include "mina/messages/messages.h"

namespace mina::hashes {

namespace {

using berkeley::OneOrTwoStatements;
using berkeley::OneOrTwoStatementsTwo;

berkeley::Statement without_digest(berkeley::StatementWithSok const& statement) {
    return {
        .source = statement.source,
        .target = statement.target,
        .connecting_ledger_left = statement.connecting_ledger_left,
        .connecting_ledger_right = statement.connecting_ledger_right,
        .supply_increase = statement.supply_increase,
        .fee_excess = statement.fee_excess,
    };
}

template <class Proofs>
SnarkWorkKey key_of_proofs(Proofs const& proofs) {
    if (proofs.kind == Proofs::Kind::one) {
        auto const one = without_digest(proofs.one->statement);
        return snark_work_key(OneOrTwoStatements{.kind = OneOrTwoStatements::Kind::one, .one = &one});
    }
    OneOrTwoStatementsTwo const two{without_digest(proofs.two->first.statement),
                                    without_digest(proofs.two->second.statement)};
    return snark_work_key(OneOrTwoStatements{.kind = OneOrTwoStatements::Kind::two, .two = &two});
}

template <class Diff>
std::optional<SnarkWorkKey> key_of_diff(Diff const& diff) {
    if (diff.add_solved_work == nullptr) return std::nullopt;
    return snark_work_key(diff.add_solved_work->first);
}

}  // namespace

SnarkWorkKey snark_work_key(OneOrTwoStatements const& statements) {
    return {crypto::blake2b_256(messages::encode(statements))};
}

SnarkWorkKey snark_work_key(berkeley::OneOrTwoProofs const& proofs) { return key_of_proofs(proofs); }
SnarkWorkKey snark_work_key(mesa_array_inputs::OneOrTwoProofs const& proofs) { return key_of_proofs(proofs); }

SnarkWorkKey snark_work_key(berkeley::SnarkWork const& work) { return key_of_proofs(work.proofs); }
SnarkWorkKey snark_work_key(mesa_array_inputs::SnarkWork const& work) { return key_of_proofs(work.proofs); }

std::optional<SnarkWorkKey> snark_work_key(berkeley::SnarkPoolDiff const& diff) { return key_of_diff(diff); }
std::optional<SnarkWorkKey> snark_work_key(mesa_array_inputs::SnarkPoolDiff const& diff) { return key_of_diff(diff); }

}  // namespace mina::hashes
