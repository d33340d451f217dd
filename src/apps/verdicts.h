// Verdicts: what an application outside decides on the messages it was shown, by the control command
// {"cmd":"verdict","message":ID,"verdict":"accept"|"reject"|"ignore"}.
#pragma once

#include "apps/control.h"

#include <deque>

namespace apps {

class Verdicts {
public:
    static constexpr std::size_t remembered_max = 8192;  // beyond, the oldest is forgotten: it counts as ignored in time

    using OnVerdict = std::function<void(libp2p::gossipsub::MessageKey, libp2p::gossipsub::Acceptance)>;

    void remember(libp2p::event::MessageReceived const& message);
    /// Adds the command. Both must outlive this object.
    void serve(Control& control, Host& host, OnVerdict on_verdict);

private:
    std::map<base::ByteString, libp2p::gossipsub::MessageKey> keys_;
    std::deque<base::ByteString> order_;
};

}  // namespace apps
