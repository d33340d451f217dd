#include "libp2p/peerstore/stored.h"

namespace libp2p {

std::string_view to_string(RuleKind kind) {
    switch (kind) {
        case RuleKind::trust: return "trust";
        case RuleKind::allow: return "allow";
        case RuleKind::deny: return "deny";
        case RuleKind::ban: return "ban";
    }
    return "?";
}

}  // namespace libp2p
