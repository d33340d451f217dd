#include "runtime/signals.h"

#include "base/check.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

namespace runtime {

namespace {

// A signal's handler is given nothing but the number, so the way into the loop must be found by a
// global. A signalfd would need none; but then a second signal could not end a program whose loop
// is stuck.
std::atomic<int> pipe_end{-1};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void minap2p_on_signal(int number) {
    auto const error = errno;
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    auto const byte = static_cast<unsigned char>(number);
    [[maybe_unused]] auto const written = ::write(pipe_end.load(), &byte, 1);
    errno = error;
}

}  // namespace

struct Signals::Former {
    struct sigaction interrupt{};
    struct sigaction terminate{};
};

Signals::Signals(EventLoop& loop, std::move_only_function<void(int)> on_signal)
    : loop_(loop), on_signal_(std::move(on_signal)), former_(std::make_unique<Former>()) {
    int ends[2] = {-1, -1};
    base::check(::pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0, "pipe2: no descriptor left");
    read_end_ = Fd(ends[0]);
    write_end_ = Fd(ends[1]);
    base::check(pipe_end.exchange(ends[1]) == -1, "one Signals object at a time");
    watch_ = loop_.watch(read_end_.get(), {.read = true}, [this](Ready) {
        unsigned char number = 0;
        if (::read(read_end_.get(), &number, 1) == 1) on_signal_(number);
    });
    std::signal(SIGPIPE, SIG_IGN);
    struct sigaction action{};
    action.sa_handler = &minap2p_on_signal;
    action.sa_flags = SA_RESTART;
    // While one is handled the other waits: the handler sees to it that neither comes here again.
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    ::sigaction(SIGINT, &action, &former_->interrupt);
    ::sigaction(SIGTERM, &action, &former_->terminate);
}

Signals::~Signals() {
    ::sigaction(SIGINT, &former_->interrupt, nullptr);
    ::sigaction(SIGTERM, &former_->terminate, nullptr);
    pipe_end.store(-1);
    loop_.unwatch(watch_);
}

}  // namespace runtime
