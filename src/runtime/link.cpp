#include "runtime/link.h"

#include "runtime/sockets.h"

#include <array>
#include <cerrno>

namespace runtime {

namespace {
constexpr std::size_t slices_max = 64;  // of one call
}

FlushResult flush(Link& link) {
    std::array<iovec, slices_max> slices;
    auto const count = link.queue.gather(slices);
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) offered += slices[i].iov_len;
    msghdr message{};
    message.msg_iov = slices.data();
    message.msg_iovlen = count;
    ssize_t taken = -1;
    do {
        taken = ::sendmsg(link.fd.get(), &message, MSG_NOSIGNAL);
    } while (taken < 0 && errno == EINTR);
    if (taken < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return FlushResult::blocked;
        link.write_error = errno;
        link.queue.clear();
        return FlushResult::failed;
    }
    auto const bytes = static_cast<std::size_t>(taken);
    link.queue.drop(bytes);
    link.unreported_bytes += bytes;
    if (link.queue.empty()) return FlushResult::done;
    return bytes == offered ? FlushResult::more : FlushResult::blocked;
}

void abort(Link& link) {
    linger const at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(link.fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    link.fd.reset();
}

}  // namespace runtime
