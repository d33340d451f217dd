// AnswerStore: where the value of an answer goes as it comes: to a file, or to memory up to a bound. Beyond the bound
// only its SHA-256 is left of it. The file appears under its name when it is whole; before, and after a failure, what
// was there stays.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <memory>
#include <string>

namespace apps {

class AnswerStore {
public:
    /// `file`: empty for none. The error is one line for the user.
    static base::Result<std::unique_ptr<AnswerStore>, std::string> open(std::string file, std::uint64_t bytes_max);
    ~AnswerStore();
    AnswerStore(AnswerStore const&) = delete;
    AnswerStore& operator=(AnswerStore const&) = delete;

    /// What is to come.
    void begin(std::uint64_t size) { is_kept_ = file_.empty() && size <= bytes_max_; }
    base::Result<void, std::string> take(base::ByteView bytes);
    /// All has come.
    base::Result<void, std::string> finish();

    std::uint64_t taken() const { return taken_; }
    bool is_kept() const { return is_kept_; }
    base::ByteString& value() { return value_; }
    /// Hex digits. Once, after finish().
    std::string sha256();

private:
    AnswerStore(std::string file, std::uint64_t bytes_max);

    struct Hash;
    std::string file_;
    std::string unfinished_;  // the file's name until it is whole
    int fd_ = -1;
    std::uint64_t bytes_max_;
    std::uint64_t taken_ = 0;
    bool is_kept_ = false;
    base::ByteString value_;
    std::unique_ptr<Hash> hash_;
};

}  // namespace apps
