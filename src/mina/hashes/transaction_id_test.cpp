// Goal: the id of a command is the one that Mina's APIs show, and none is made up where they are not known. Method:
// ids of mainnet, which are decoded and asked for again.
#include "mina/hashes/transaction_id.h"

#include "mina/hashes/test_vectors.h"

#include <gtest/gtest.h>

namespace mina::hashes {
namespace {

using vectors::command_of;
using vectors::Decoded;

template <class Command>
base::Result<std::string, HashError> id_of(std::uint8_t tag, base::ByteString bytes) {
    bytes.insert(bytes.begin(), tag);
    return transaction_id(*Decoded<Command>(std::move(bytes)));
}

TEST(transaction_id, of_signed_commands_of_mainnet) {
    for (auto const id : {vectors::payment_id, vectors::delegation_id}) {
        auto const bytes = command_of(id);
        EXPECT_EQ(transaction_id(*Decoded<berkeley::SignedCommand>(bytes)), id);
        EXPECT_EQ(id_of<berkeley::UserCommand>(0, bytes), std::string(id));
        EXPECT_EQ(id_of<mesa::UserCommand>(0, bytes), std::string(id));
        EXPECT_EQ(id_of<mesa_array_inputs::UserCommand>(0, bytes), std::string(id));
    }
}

TEST(transaction_id, of_a_zkapp_command_of_berkeley_begins_with_its_version) {
    auto const command = vectors::empty_command(8, dummy_proof);
    auto bytes = command;
    bytes.insert(bytes.begin(), zkapp_command_version);
    auto const id = base::to_base64(bytes);
    EXPECT_EQ(transaction_id(*Decoded<berkeley::ZkappCommand>(command)), id);
    EXPECT_EQ(id_of<berkeley::UserCommand>(1, command), id);
}

TEST(transaction_id, of_a_zkapp_command_of_mesa_is_not_known) {
    HashError const error{HashError::Reason::unknown_version, "", "id of a zkApp command"};
    EXPECT_EQ(id_of<mesa::UserCommand>(1, vectors::empty_command(32, dummy_proof)), base::fail(error));
    EXPECT_EQ(id_of<mesa_array_inputs::UserCommand>(1, vectors::empty_command(32, vectors::array_inputs_proof())),
              base::fail(error));
    EXPECT_EQ(to_string(error), "id of a zkApp command: its version byte is not known for this format");
}

}  // namespace
}  // namespace mina::hashes
