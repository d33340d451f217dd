// ControlSocket: the control protocol on a Unix socket of mode 0600, for up to `clients_max` clients.
//
// What waits for a client that does not read is at most ControlClient::queued_bytes_max. The answer that would be
// beyond that closes the client, which is counted, and said by on_overflow; an answer that is longer by itself is an
// error in its place. Long lines that clients have not finished take `partial_bytes_max` together, beyond which
// they are skipped like those that are too long. What a client that goes has not read is forgotten, and never waited
// for; when the node goes, flush() waits for its clients.
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
    static constexpr std::size_t queued_bytes_max = 64 * 1024 * 1024;

    struct Ends {
        LineInput::OnEnd on_end;                // the input has ended; it may destroy this object
        std::function<void()> on_overflow = {};  // too much waits: nothing is run or said any more; it must not
    };
    /// Takes over the descriptors. `budget`: of all clients; outlives this object.
    ControlClient(Control& control, runtime::EventLoop& loop, runtime::Fd in, runtime::Fd out, LineBudget& budget,
                  Ends ends);
    ~ControlClient();
    ControlClient(ControlClient const&) = delete;
    ControlClient& operator=(ControlClient const&) = delete;

    std::size_t queued_bytes() const { return output_.queued_bytes(); }
    void flush(std::chrono::milliseconds longest) { output_.flush(longest); }

private:
    void say(Json const& answer);

    runtime::Fd in_;
    runtime::Fd out_;
    std::shared_ptr<bool> listening_ = std::make_shared<bool>(true);
    Output output_;
    LineInput input_;
};

class ControlSocket {
public:
    static constexpr std::size_t clients_max = 64;  // beyond, a client is closed at once
    static constexpr std::size_t partial_bytes_max = 2 * Control::line_bytes_max;

    /// Binds; a socket that a dead node left behind is replaced. Throws Failure.
    ControlSocket(runtime::EventLoop& loop, std::string path);
    ~ControlSocket();
    ControlSocket(ControlSocket const&) = delete;
    ControlSocket& operator=(ControlSocket const&) = delete;

    /// Takes clients from now on. `control` must outlive this object.
    void serve(Control& control);
    /// Told a text for people, from the loop, whenever a client was closed since too much waited for it.
    void on_overflow(std::function<void(std::string const& text)> told) { on_overflow_ = std::move(told); }
    /// When the loop has ended: waits until all clients have been told all, for a second, and then 10 ms for each.
    void flush();
    std::uint64_t overflows() const { return overflows_; }
    std::size_t clients() const { return clients_.size(); }

private:
    void accept_one();
    void end_overflowed(std::uint64_t number);

    runtime::EventLoop& loop_;
    std::string path_;
    runtime::Fd socket_;
    Control* control_ = nullptr;
    std::optional<runtime::EventLoop::WatchId> watch_;
    LineBudget budget_{.bytes_max = partial_bytes_max};
    std::map<std::uint64_t, std::unique_ptr<ControlClient>> clients_;
    std::uint64_t next_client_ = 1;
    std::uint64_t overflows_ = 0;
    std::function<void(std::string const&)> on_overflow_;
};

/// Connects to the Unix socket at `path`; an invalid descriptor and errno on failure. Throws Failure for a path that
/// is too long.
runtime::Fd connect_unix(std::string const& path);
/// The path in "unix:PATH". Throws UsageError.
std::string unix_path(std::string const& text);
/// Where a running node takes commands: --control, or control.sock in the data directory. Throws UsageError.
std::string control_path(Settings const& settings);

}  // namespace apps
