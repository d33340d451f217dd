#include "apps/version.h"

#include "apps/build_version.h"

#include <CLI/Version.hpp>
#include <ares.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <sodium.h>
#include <toml++/toml.h>

namespace apps {

namespace {

template <class... Numbers>
std::string dotted(int first, Numbers... rest) {
    return (std::to_string(first) + ... + ("." + std::to_string(rest)));
}

}  // namespace

std::string build_id() { return "minap2p " MINAP2P_VERSION " (" MINAP2P_COMMIT ")"; }

std::string version_text() {
#if defined(__clang__)
    std::string const compiler = "clang " __clang_version__;
#else
    std::string const compiler = "g++ " __VERSION__;
#endif
    return build_id() + "\ncompiler: " + compiler +
           "\nlibraries: " + OpenSSL_version(OPENSSL_VERSION) + "; libsodium " + sodium_version_string() + "; c-ares " +
           ares_version(nullptr) + "; nlohmann-json " +
           dotted(NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH) +
           "; toml++ " + dotted(TOML_LIB_MAJOR, TOML_LIB_MINOR, TOML_LIB_PATCH) + "; CLI11 " CLI11_VERSION;
}

}  // namespace apps
