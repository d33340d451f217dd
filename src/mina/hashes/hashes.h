// hashes: what people and nodes know a thing by, computed from its decoded message.
//
//   values.h            StateHash, BodyHash, TransactionHash, SnarkWorkKey, their texts; HashError
//   state_hash.h        of a protocol state: its state hash (3N…) and the hash of its body (3W…)
//   chain_proof.h       whether a list of body hashes leads from one state to another
//   transaction_hash.h  of a command (5J…), signatures and proofs left out
//   transaction_id.h    what APIs call the id of a command: all of it, in base64
//   snark_work_key.h    of SNARK work: our own convention
//   body_reference.h    of a block's body, by which its state names it
//
// Inside: body_input.h is the order in which a state is hashed, prefixes.h where its hashes begin, dummies.h what
// stands for signatures and proofs.
//
//   state hash        P("MinaProtoState", [previous state hash, body hash])        P: Poseidon (crypto/poseidon.h)
//   body hash         P("MinaProtoStateBody", the fields of the body, then its packed numbers)
//   chain proof       h <- P("MinaProtoState", [h, body hash]), the oldest body first
//   transaction hash  BLAKE2b-256 of the command's bin_prot with every signature (1, 1) and every proof the dummy proof
//   SNARK work key    BLAKE2b-256 of the bin_prot of its one or two statements
//
// The formats differ in zkApp commands only. What comes from peers may be wrong and is then an error: a field element
// that is not below its modulus, a string of another size than is hashed, a list that is too long.
//
// Limits: sub_window_densities_max of a state, chain_proof_steps_max of a chain proof (a permutation each);
// binprot::nesting_max levels of calls. State hashes allocate nothing; transaction hashes and work keys, one buffer.
//
// dummy_transaction_proof.bin is Mina's Proof.transaction_dummy as it is in mina-rust, o1-labs, commit 6fc3f265
// (mina-p2p-messages/src/v2/dummy/dummy_transaction_proof.bin), under the Apache License 2.0.
// spec: https://github.com/MinaProtocol/mina (Protocol_state.hash, Transaction_hash)
#pragma once
