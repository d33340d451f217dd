// crypto: thin, pure wrappers over libsodium, OpenSSL and libsecp256k1, and Poseidon. No entropy here: secrets come in
// as bytes.
//
//   hash.h          SHA-256, BLAKE2b-256, HMAC and HKDF as Noise defines them
//   aead.h          ChaCha20-Poly1305 records under one key, nonce by counter
//   salsa20.h       the XSalsa20 stream of a private network
//   keys.h          identity keys of libp2p: Ed25519, secp256k1, ECDSA P-256, RSA
//   suite.h         Suite: the expensive primitives behind one interface, so that the simulator can stand in cheap ones
//   fp.h            Fp: elements of the Pasta base field, our own and not for secrets
//   poseidon.h      the Poseidon hash over Fp that Mina's state hashes are made with
//   field_packer.h  FieldPacker: structures as elements, before they are hashed
#pragma once
