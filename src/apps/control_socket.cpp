#include "apps/control_socket.h"

#include "apps/failure.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace apps {

namespace {

sockaddr_un address_of(std::string const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        throw Failure("--control: the path '" + path + "' must have 1 to " + std::to_string(sizeof address.sun_path - 1) +
                      " bytes; give a shorter one");
    }
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

runtime::Fd duplicate(int fd) { return runtime::Fd(::fcntl(fd, F_DUPFD_CLOEXEC, 3)); }

// A socket that nobody listens on any more is removed; anything else at the path is refused.
void make_room(std::string const& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0) return;
    if (!S_ISSOCK(status.st_mode)) throw Failure("--control: " + path + " exists and is no socket; give another path");
    auto const other = connect_unix(path);
    if (other.get() >= 0) throw Failure("--control: " + path + " belongs to a running node; stop that or give another path");
    if (errno != ECONNREFUSED) throw Failure("--control: " + path + ": " + std::strerror(errno));
    ::unlink(path.c_str());
}

}  // namespace

runtime::Fd connect_unix(std::string const& path) {
    auto const address = address_of(path);
    runtime::Fd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (socket.get() < 0) return socket;
    if (::connect(socket.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0) return socket;
    auto const error = errno;
    socket = runtime::Fd();
    errno = error;
    return socket;
}

std::string unix_path(std::string const& text) {
    if (!text.starts_with("unix:") || text.size() == 5) {
        throw UsageError("--control: '" + text + "' is not of the form unix:PATH");
    }
    return text.substr(5);
}

std::string control_path(Settings const& settings) {
    auto const control = settings.text("control");
    return control.empty() ? settings.text("data-dir") + "/control.sock" : unix_path(control);
}

ControlClient::ControlClient(Control& control, runtime::EventLoop& loop, runtime::Fd in, runtime::Fd out,
                             LineBudget& budget, Ends ends)
    : in_(std::move(in)),
      out_(std::move(out)),
      output_(loop, out_.get(), {queued_bytes_max, OutputLimits::AtBound::close, OutputLimits::AtEnd::forget}),
      input_(
          loop, in_.get(), {.line_bytes_max = Control::line_bytes_max, .budget = &budget},
          [this, &control](std::string_view line) {
              // Who is given up may have sent more.
              if (!output_.closed()) control.run(line, [this](Json const& answer) { say(answer); }, listening_, &output_);
          },
          [this] { say(Control::too_long()); }, std::move(ends.on_end)) {
    output_.on_overflow(std::move(ends.on_overflow));
}

ControlClient::~ControlClient() { *listening_ = false; }

void ControlClient::say(Json const& answer) {
    auto const text = dump(answer);
    output_.line(text.size() < queued_bytes_max ? text : dump(Control::answer_too_long(answer["id"])));
}

ControlSocket::ControlSocket(runtime::EventLoop& loop, std::string path) : loop_(loop), path_(std::move(path)) {
    auto const address = address_of(path_);
    make_room(path_);
    socket_ = runtime::Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    // Nobody else may connect, not even between bind(2) and a chmod(2).
    auto const mask = ::umask(0177);
    auto const bound = ::bind(socket_.get(), reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    auto const error = errno;
    ::umask(mask);
    if (!bound) throw Failure("--control: " + path_ + ": " + std::strerror(error));
    if (::listen(socket_.get(), 16) != 0) throw Failure("--control: " + path_ + ": " + std::strerror(errno));
}

ControlSocket::~ControlSocket() {
    clients_.clear();
    if (watch_) loop_.unwatch(*watch_);
    if (socket_.get() >= 0) ::unlink(path_.c_str());
}

void ControlSocket::serve(Control& control) {
    control_ = &control;
    watch_ = loop_.watch(socket_.get(), {.read = true}, [this](runtime::Ready) { accept_one(); });
}

void ControlSocket::flush() {
    using Clock = std::chrono::steady_clock;
    auto const until = Clock::now() + std::chrono::seconds(1);
    for (auto const& [number, client] : clients_) {
        auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
        client->flush(std::max(left, std::chrono::milliseconds(10)));
    }
}

void ControlSocket::accept_one() {
    runtime::Fd in(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (in.get() < 0 || clients_.size() >= clients_max) return;
    // Reading and writing are watched apart, and epoll takes a descriptor once.
    auto out = duplicate(in.get());
    if (out.get() < 0) return;
    auto const number = next_client_++;
    ControlClient::Ends ends;
    // Who has said all may still wait for answers.
    ends.on_end = [this, number] { loop_.after(std::chrono::seconds(2), [this, number] { clients_.erase(number); }); };
    // It is being answered: not from under that.
    ends.on_overflow = [this, number] {
        loop_.after(base::Duration::zero(), [this, number] { end_overflowed(number); });
    };
    clients_.emplace(number, std::make_unique<ControlClient>(*control_, loop_, std::move(in), std::move(out), budget_,
                                                             std::move(ends)));
}

void ControlSocket::end_overflowed(std::uint64_t number) {
    if (clients_.erase(number) == 0) return;
    ++overflows_;
    if (!on_overflow_) return;
    on_overflow_(path_ + ": a client was closed that did not read its answers: more than " +
                 std::to_string(ControlClient::queued_bytes_max) + " bytes waited for it (" +
                 std::to_string(overflows_) + " so far)");
}

}  // namespace apps
