// text: Mina's words for single values, as people, files and other tools write them. Each form has a writer and
// a reader; the reader takes what the writer writes, and what else is said with it.
//
//   base58check.h   hashes, keys, signatures, memos: a version byte, the content, a checksum
//   numbers.h       field elements as hexadecimal, amounts as decimal MINA, floating-point numbers
//   byte_strings.h  strings of any bytes: base64url, graphic ASCII with \xNN, whether they are UTF-8
//
// Nothing here knows a message: what has which form is said by the schema (mina/schema), and mina/json puts
// both together. No reader is given more than its caller bounds: base58check of over 1,024 characters is
// refused, all else takes time in proportion to its size.
#pragma once
