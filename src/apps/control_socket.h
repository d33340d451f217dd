// ControlSocket: the control protocol on a Unix socket of mode 0600, for any number of clients.
#pragma once

#include "apps/control.h"
#include "apps/line_input.h"
#include "apps/output.h"
#include "apps/settings.h"
#include "runtime/fd.h"

#include <map>

namespace apps {

/// A control client: a stream of lines in, answers out.
class ControlClient {
public:
    /// Takes over the descriptors. `on_end`: the input has ended; it may destroy this object.
    ControlClient(Control& control, runtime::EventLoop& loop, runtime::Fd in, runtime::Fd out, LineInput::OnEnd on_end);
    ~ControlClient();
    ControlClient(ControlClient const&) = delete;
    ControlClient& operator=(ControlClient const&) = delete;

private:
    runtime::Fd in_;
    runtime::Fd out_;
    std::shared_ptr<bool> listening_ = std::make_shared<bool>(true);
    Output output_;
    LineInput input_;
};

class ControlSocket {
public:
    static constexpr std::size_t clients_max = 64;  // beyond, a client is closed at once

    /// Binds; a socket that a dead node left behind is replaced. Throws Failure.
    ControlSocket(runtime::EventLoop& loop, std::string path);
    ~ControlSocket();
    ControlSocket(ControlSocket const&) = delete;
    ControlSocket& operator=(ControlSocket const&) = delete;

    /// Takes clients from now on. `control` must outlive this object.
    void serve(Control& control);

private:
    void accept_one();

    runtime::EventLoop& loop_;
    std::string path_;
    runtime::Fd socket_;
    Control* control_ = nullptr;
    std::optional<runtime::EventLoop::WatchId> watch_;
    std::map<std::uint64_t, std::unique_ptr<ControlClient>> clients_;
    std::uint64_t next_client_ = 1;
};

/// Connects to the Unix socket at `path`; an invalid descriptor and errno on failure. Throws Failure for a path that
/// is too long.
runtime::Fd connect_unix(std::string const& path);
/// The path in "unix:PATH". Throws UsageError.
std::string unix_path(std::string const& text);
/// Where a running node takes commands: --control, or control.sock in the data directory. Throws UsageError.
std::string control_path(Settings const& settings);

}  // namespace apps
