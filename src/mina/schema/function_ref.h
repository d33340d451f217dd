// FunctionRef: a view of a callable, for a parameter that is called before the function returns. It owns nothing.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace mina::schema {

template <class Signature>
class FunctionRef;

template <class R, class... Arguments>
class FunctionRef<R(Arguments...)> {
public:
    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Arguments...> &&
                 !std::is_function_v<std::remove_reference_t<F>>)
    FunctionRef(F&& callable)
        : object_(const_cast<void*>(static_cast<void const*>(std::addressof(callable)))),
          call_([](void* object, Arguments... arguments) -> R {
              return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Arguments>(arguments)...);
          }) {}

    R operator()(Arguments... arguments) const { return call_(object_, std::forward<Arguments>(arguments)...); }

private:
    void* object_;
    R (*call_)(void*, Arguments...);
};

}  // namespace mina::schema
