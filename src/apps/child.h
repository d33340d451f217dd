// Child: a program that is run, with its lines of input and output on the event loop.
#pragma once

#include "apps/line_input.h"
#include "apps/output.h"
#include "runtime/fd.h"

#include <vector>

namespace apps {

class Child {
public:
    /// Runs `program` with `arguments`; standard error is shared. It dies with this program. Throws Failure.
    Child(runtime::EventLoop& loop, std::string const& program, std::vector<std::string> const& arguments,
          LineInput::OnLine on_line, LineInput::OnEnd on_end);
    /// Ends it: by closing its input and SIGTERM, after two seconds by SIGKILL.
    ~Child();
    Child(Child const&) = delete;
    Child& operator=(Child const&) = delete;

    void say(std::string_view line) { output_->line(line); }
    /// Asks it to end, without waiting.
    void ask_to_end();

private:
    pid_t pid_ = -1;
    runtime::Fd in_;
    runtime::Fd out_;
    std::unique_ptr<Output> output_;
    std::unique_ptr<LineInput> input_;
};

}  // namespace apps
