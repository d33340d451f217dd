#include "apps/verdicts.h"

#include "base/text.h"

#include <stdexcept>

namespace apps {

void Verdicts::remember(libp2p::event::MessageReceived const& message) {
    if (!keys_.insert_or_assign(message.id, message.key).second) return;
    order_.push_back(message.id);
    if (order_.size() <= remembered_max) return;
    keys_.erase(order_.front());
    order_.pop_front();
}

void Verdicts::serve(Control& control, Host& host, OnVerdict on_verdict) {
    control.add("verdict", [this, &host, on_verdict = std::move(on_verdict)](Json const& arguments,
                                                                             Control::Finish finish) {
        using libp2p::gossipsub::Acceptance;
        auto const word = text_argument(arguments, "verdict");
        auto const id = base::from_hex(text_argument(arguments, "message"));
        auto const acceptance = word == "accept"   ? Acceptance::accept
                                : word == "reject" ? Acceptance::reject
                                                   : Acceptance::ignore;
        if (acceptance == Acceptance::ignore && word != "ignore") {
            throw std::invalid_argument("'verdict' must be accept, reject or ignore");
        }
        auto const found = id ? keys_.find(*id) : keys_.end();
        if (found == keys_.end()) throw std::invalid_argument("'message' is not the id of a message that was shown");
        on_verdict(found->second, acceptance);
        host.ask(libp2p::command::GiveVerdict{found->second, acceptance},
                 [finish = std::move(finish)](Host::Answer const&) mutable { finish(Json(nullptr)); });
    });
}

}  // namespace apps
