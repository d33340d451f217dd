#include "apps/child.h"

#include "apps/failure.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace apps {

namespace {

constexpr std::size_t line_bytes_max = 80 * 1024 * 1024;

struct Pipe {
    runtime::Fd read;
    runtime::Fd write;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw Failure("no pipe: " + std::string(std::strerror(errno)));
    return {runtime::Fd(ends[0]), runtime::Fd(ends[1])};
}

}  // namespace

Child::Child(runtime::EventLoop& loop, std::string const& program, std::vector<std::string> const& arguments,
             LineInput::OnLine on_line, LineInput::OnEnd on_end) {
    auto to_child = make_pipe();
    auto from_child = make_pipe();
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (auto const& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    auto const parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw Failure("no new process: " + std::string(std::strerror(errno)));
    if (pid_ == 0) {
        ::dup2(to_child.read.get(), 0);
        ::dup2(from_child.write.get(), 1);
        ::setpgid(0, 0);  // a SIGINT from the terminal is this program's to handle
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() == parent) ::execv(program.c_str(), words.data());
        ::_exit(127);
    }
    in_ = std::move(to_child.write);
    out_ = std::move(from_child.read);
    output_ = std::make_unique<Output>(loop, in_.get());
    LineInput::Limits const limits{.line_bytes_max = line_bytes_max};
    input_ = std::make_unique<LineInput>(loop, out_.get(), limits, std::move(on_line), [] {}, std::move(on_end));
}

void Child::ask_to_end() {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
}

Child::~Child() {
    ask_to_end();
    input_.reset();
    output_.reset();
    in_.reset();
    out_.reset();
    for (int waited_ms = 0; pid_ > 0; waited_ms += 10) {
        auto const ended = ::waitpid(pid_, nullptr, WNOHANG);
        if (ended == pid_ || (ended < 0 && errno != EINTR)) return;
        if (waited_ms == 2000) ::kill(pid_, SIGKILL);
        ::usleep(10'000);
    }
}

}  // namespace apps
