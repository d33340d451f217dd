// binprot: OCaml's bin_prot, bounded and strict. The primitives; what is made of them is generated (mina/messages).
//
//   reader.h  Reader: one value at a time from bytes that are there; the first error is kept with its offset
//   writer.h  Writer: into a buffer of the caller's; counts when it is too small
//   arena.h   Arena: where decoded values live, in blocks of 64 KiB, up to a bound
//   list.h    List, Sequence: elements side by side, or read when they are looked at
//   field.h   the types of one size, which lie in a message as in memory
//   error.h   what is wrong, and where
//
//   integer   00…7f itself · ff one byte, negative · fe two · fd four · fc eight   (little-endian, signed)
//   count     00…7f itself ·                         fe two · fd four · fc eight   (little-endian, unsigned)
//
// Rules: a value has one encoding, the shortest, and no other is accepted; a count is refused when what follows cannot
// hold so many elements, so that memory is never taken for what is not there; nothing recurses. Bounds: `nesting_max`
// levels of a type inside itself; an arena's `bytes_max`.
//
// spec: bin_prot (docs/PROTOCOLS.md)
#pragma once

#include "mina/binprot/arena.h"
#include "mina/binprot/list.h"
#include "mina/binprot/writer.h"
