#!/usr/bin/env python3
"""Proves that the core is pure: purity.py [--nm NM] [--must-refuse SYMBOL,...] ARCHIVE...

The core's static archives, taken together, may refer to what they define themselves and to what the
list below allows; any other symbol is an offence, reported with its archive and object file. So a new
use of the outside, be it a clock or only a new function of a library, is a decision made here.

With --must-refuse exactly these symbols have to be refused (the canary).
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

# (archives, why, patterns of whole demangled names)
ALLOWED = [
    ("*", "memory and text", r"""
        mem(chr|cmp|cpy|move|set) str(cmp|ncmp|len|chr) bcmp abort
        operator\ new(\[\])?\(.*\) operator\ delete(\[\])?\(.*\)
    """),
    ("*", "what the compiler and the C++ runtime refer to by themselves", r"""
        _GLOBAL_OFFSET_TABLE_ __dso_handle __cxa_(atexit|guard_acquire|guard_release|guard_abort|pure_virtual)
        __assert_fail __libc_single_threaded __gxx_personality_v0 _Unwind_Resume __stack_chk_fail
        __cxa_(begin_catch|end_catch|rethrow|throw_bad_array_new_length) __clang_call_terminate
        std::terminate\(\) vtable\ for\ __cxxabiv1::.* __u?(div|mod)ti3 __mulodi4
    """),
    ("*", "containers and strings of the standard library", r"""
        std::__throw_\w+\(.*\)
        std::_Rb_tree_(increment|decrement|insert_and_rebalance|rebalance_for_erase)\(.*
        std::__detail::_(Prime_rehash_policy|List_node_base)::.* std::_Hash_bytes\(.*
        std::__cxx11::(basic_string<char,.*|to_string\(.*)
        (vtable|typeinfo|typeinfo\ name)\ for\ std::.*exception
    """),
    ("*", "text formatting without locale, file or terminal", r"fmt::v\d+::.*"),
    ("*", "sanitizers and coverage", r"__(asan|ubsan|sanitizer|sancov|lsan|gcov|llvm_profile)_\w+ "
                                     r"__(start|stop)_(asan_globals|__sancov_\w+)"),
    ("base", "a failed check says why on stderr before it aborts", r"fprintf stderr fflush fputs fwrite"),
    ("base,crypto,libp2p_gossipsub", "libsodium: functions of their arguments; no keypair, keygen, randombytes", r"""
        crypto_(aead|core|generichash|hash|auth|onetimeauth|scalarmult|shorthash|stream)_?\w*(?<!_keygen)
        crypto_sign_ed25519_(detached|verify_detached|seed_keypair|pk_to_curve25519|sk_to_pk|sk_to_seed)
        sodium_(memzero|memcmp|is_zero|bin2hex|hex2bin|bin2base64|base642bin|base64_encoded_len|increment)
    """),
    # sodium_init chooses the kernels of this processor. It prepares a generator too, which nothing here can call.
    ("crypto", "libsodium's choice of kernels", r"sodium_init"),
    ("crypto", "OpenSSL: ciphers, hashes, checks of signatures, parsing of keys; nothing that generates", r"""
        EVP_(CIPHER|Cipher|Encrypt|Decrypt|MD|Digest)\w* EVP_PKEY_free d2i_PUBKEY_ex
        ERR_(set_mark|pop_to_mark) OSSL_LIB_CTX_(new|free) OPENSSL_init_crypto
    """),
    ("crypto", "libsecp256k1: pure, nonces after RFC 6979", r"secp256k1_\w+"),
    ("crypto", "which vector registers the processor has", r"__cpu_model __cpu_indicator_init"),
    ("mina_text", "floating-point numbers as text", r"std::(from|to)_chars\(.*"),
    ("mina_networks", "toml++ reads numbers by string streams", r"""
        ((vtable|VTT)\ for\ )?std::(__cxx11::)?basic_([io]?stringstream|stringbuf|ios|[io]stream|iostream|streambuf)<char.*
        std::ios_base::~?ios_base\(\) std::locale::(~?locale|classic)\(.* std::ostream::.* std::istream::.*
        std::basic_istream<char.*\ std::basic_istream<char.*::_M_extract<.* std::basic_ostream<char.*::_M_insert<.*
        std::__ostream_insert.* std::use_facet.* std::ctype<char>::.*
    """),
]


def patterns_of(text: str) -> re.Pattern[str]:
    """White space separates patterns, unless escaped."""
    parts = [part for part in re.split(r"(?<!\\)\s+", text.strip()) if part]
    return re.compile("|".join(f"(?:{part})" for part in parts))


RULES = [(None if archives == "*" else set(archives.split(",")), patterns_of(text)) for archives, _, text in ALLOWED]


def run(command: list[str], text: str | None = None) -> str:
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def symbols(nm: str, archive: str) -> tuple[set[str], dict[str, str]]:
    """What an archive defines, and what it refers to with the first object file that does."""
    defined: set[str] = set()
    undefined: dict[str, str] = {}
    for line in run([nm, "-A", "-P", archive]).splitlines():
        match = re.match(r".*\[(.+?)\]: (\S+) (\S)", line)
        if not match:
            continue
        member, symbol, kind = match.groups()
        if kind in "Uwv":
            undefined.setdefault(symbol, member)
        else:
            defined.add(symbol)
    return defined, undefined


def library_name(archive: str) -> str:
    return Path(archive).stem.removeprefix("lib")


def refused(nm: str, archives: list[str]) -> list[tuple[str, str, str]]:
    """(archive, object file, demangled symbol) of each offence."""
    found = {archive: symbols(nm, archive) for archive in archives}
    own = set().union(*(defined for defined, _ in found.values()))
    offences = []
    for archive, (_, undefined) in found.items():
        name = library_name(archive)
        foreign = sorted(set(undefined) - own)
        demangled = run(["c++filt"], "\n".join(foreign)).splitlines() if foreign else []
        for symbol, plain in zip(foreign, demangled, strict=True):
            if not any((scope is None or name in scope) and rule.fullmatch(plain) for scope, rule in RULES):
                offences.append((name, undefined[symbol], plain))
    return offences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--must-refuse", metavar="SYMBOL,...")
    parser.add_argument("archives", nargs="+")
    options = parser.parse_args()
    offences = refused(options.nm, options.archives)
    if options.must_refuse:
        wanted, got = set(options.must_refuse.split(",")), {symbol for _, _, symbol in offences}
        for symbol in sorted(wanted - got):
            print(f"purity: {symbol} should have been refused")
        for symbol in sorted(got - wanted):
            print(f"purity: {symbol} was refused and is not on the canary's list")
        return 0 if wanted == got else 1
    for archive, member, symbol in offences:
        print(f"purity: {archive} ({member}) refers to {symbol}")
    print(f"purity: {len(options.archives)} archives, {len(offences)} symbols refused")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
