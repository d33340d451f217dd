#include "mina/hashes/transaction_id.h"

#include "base/text.h"
#include "mina/messages/messages.h"

namespace mina::hashes {

namespace {

template <class Command>
std::string id_of(std::uint8_t version, Command const& command) {
    base::ByteString bytes(1 + messages::encoded_size(command));
    binprot::Writer writer(bytes);
    writer.put_byte(version);
    command.encode(writer);
    return base::to_base64(bytes);
}

template <class Command>
base::Result<std::string, HashError> id_of_mesa(Command const& command) {
    if (command.kind == Command::Kind::signed_command) return transaction_id(*command.signed_command);
    return base::fail(HashError{HashError::Reason::unknown_version, "", "id of a zkApp command"});
}

}  // namespace

std::string transaction_id(berkeley::SignedCommand const& command) { return id_of(signed_command_version, command); }

std::string transaction_id(berkeley::ZkappCommand const& command) { return id_of(zkapp_command_version, command); }

base::Result<std::string, HashError> transaction_id(berkeley::UserCommand const& command) {
    using Kind = berkeley::UserCommand::Kind;
    return command.kind == Kind::signed_command ? transaction_id(*command.signed_command)
                                                : transaction_id(*command.zkapp_command);
}

base::Result<std::string, HashError> transaction_id(mesa::UserCommand const& command) { return id_of_mesa(command); }

base::Result<std::string, HashError> transaction_id(mesa_array_inputs::UserCommand const& command) {
    return id_of_mesa(command);
}

}  // namespace mina::hashes
