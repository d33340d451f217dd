#include "mina/messages/format.h"

#include "mina/messages/tables.h"

namespace mina::messages {

std::string_view to_string(Format format) {
    switch (format) {
        case Format::berkeley: return "berkeley";
        case Format::mesa: return "mesa";
        case Format::mesa_array_inputs: return "mesa-array-inputs";
    }
    return "";
}

std::optional<Format> format_named(std::string_view name) {
    for (auto const format : formats) {
        if (to_string(format) == name) return format;
    }
    return std::nullopt;
}

schema::Schema const& schema_of(Format format) {
    switch (format) {
        case Format::berkeley: return berkeley_schema();
        case Format::mesa: return mesa_schema();
        case Format::mesa_array_inputs: break;
    }
    return mesa_array_inputs_schema();
}

}  // namespace mina::messages
