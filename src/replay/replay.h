// replay: every input of a node, in a log, and the same run again from that log.
//
//   recording_core.h   RecordingCore: a Core around a Core; each input goes to the log before it goes in
//   log_writer.h       the log: records, digests, segments      log_reader.h   and back
//   player.h           runs a log through a new core, compares, and names the first step that differs
//   input_codec.h      an Input as bytes                        input_text.h   and as a line for people
//   effects_hash.h     four bytes that stand for what a step ordered
//   files/             the log as a directory of files; all else here touches no file
//
// A log is the setup of its core (opaque bytes of the application), then one record for each step, and now and then a
// digest of the whole state. A step's record is written before the step; what the step ordered is hashed into the record
// that follows. So a log holds the input that killed its node, and a replay compares every step. The format is described
// in log_format.h.
//
// A log holds keys: the setup has the node's identity, the inputs have what was said to it. It deserves the same care.
#pragma once

#include "replay/log_reader.h"
#include "replay/log_writer.h"
#include "replay/player.h"
#include "replay/recording_core.h"
