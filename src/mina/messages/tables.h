// The generated tables, NAME_tables.cpp: one schema for each format.
#pragma once

#include "mina/schema/schema.h"

namespace mina::messages {

schema::Schema const& berkeley_schema();
schema::Schema const& mesa_schema();
schema::Schema const& mesa_array_inputs_schema();

}  // namespace mina::messages
