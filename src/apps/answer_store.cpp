#include "apps/answer_store.h"

#include "base/text.h"

#include <sodium/crypto_hash_sha256.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace apps {

struct AnswerStore::Hash {
    crypto_hash_sha256_state state{};
};

AnswerStore::AnswerStore(std::string file, std::uint64_t bytes_max)
    : file_(std::move(file)), bytes_max_(bytes_max), hash_(std::make_unique<Hash>()) {
    crypto_hash_sha256_init(&hash_->state);
}

AnswerStore::~AnswerStore() {
    if (fd_ >= 0) ::close(fd_);
    if (!unfinished_.empty()) ::unlink(unfinished_.c_str());
}

base::Result<std::unique_ptr<AnswerStore>, std::string> AnswerStore::open(std::string file, std::uint64_t bytes_max) {
    std::unique_ptr<AnswerStore> store(new AnswerStore(std::move(file), bytes_max));
    if (store->file_.empty()) return store;
    std::error_code ignored;
    auto const status = std::filesystem::status(store->file_, ignored);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        return base::fail(store->file_ + " exists and is no regular file");
    }
    auto name = store->file_ + ".XXXXXX";
    store->fd_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (store->fd_ < 0) return base::fail(store->file_ + ": " + std::strerror(errno));
    store->unfinished_ = name;
    ::fchmod(store->fd_, 0644);  // what peers tell everybody is no secret
    return store;
}

base::Result<void, std::string> AnswerStore::take(base::ByteView bytes) {
    taken_ += bytes.size();
    if (is_kept_) {
        base::append(value_, bytes);
        return {};
    }
    crypto_hash_sha256_update(&hash_->state, bytes.data(), bytes.size());
    while (fd_ >= 0 && !bytes.empty()) {
        auto const count = ::write(fd_, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) return base::fail(file_ + ": " + std::strerror(errno));
        if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

base::Result<void, std::string> AnswerStore::finish() {
    if (fd_ < 0) return {};
    auto const is_written = ::close(std::exchange(fd_, -1)) == 0;
    if (!is_written || ::rename(unfinished_.c_str(), file_.c_str()) != 0) {
        return base::fail(file_ + ": " + std::strerror(errno));
    }
    unfinished_.clear();
    return {};
}

std::string AnswerStore::sha256() {
    base::ByteArray<crypto_hash_sha256_BYTES> digest{};
    if (is_kept_) {
        crypto_hash_sha256(digest.data(), value_.data(), value_.size());
    } else {
        crypto_hash_sha256_final(&hash_->state, digest.data());
    }
    return base::to_hex(digest);
}

}  // namespace apps
