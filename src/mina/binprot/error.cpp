#include "mina/binprot/error.h"

namespace mina::binprot {

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::truncated: return "the bytes end inside the value";
        case Reason::trailing_bytes: return "bytes follow the value";
        case Reason::bad_boolean: return "a boolean is neither 00 nor 01";
        case Reason::bad_unit: return "a unit is not 00";
        case Reason::bad_option: return "an option begins with neither 00 nor 01";
        case Reason::bad_integer: return "an integer begins with an unknown byte";
        case Reason::not_canonical: return "an integer takes more bytes than it needs";
        case Reason::out_of_range: return "an integer is too large for its type";
        case Reason::unknown_variant: return "no constructor has this tag";
        case Reason::count_too_large: return "a count is larger than what could follow";
        case Reason::too_deep: return "values are nested too deeply";
        case Reason::bad_frame_length: return "the length in front of the message is not that of the message";
        case Reason::field_not_reduced: return "a field element is not below its modulus";
        case Reason::memory_limit: return "the decoded message would take more memory than it may";
    }
    return "";
}

}  // namespace mina::binprot
