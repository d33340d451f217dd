#!/usr/bin/env python3
"""Installs the build into a directory, moves it, and builds and runs a program outside with what is there, once by
CMake and once by pkg-config: package_test.py --build DIR --compiler CXX [--flags FLAGS]"""
import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CONSUMER = Path(__file__).resolve().parent / "consumer"


def run(*command: object, env: dict[str, str] | None = None) -> str:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def check_run(program: Path) -> None:
    said = run(program)
    if "stopped" not in said:
        raise SystemExit(f"{program} said:\n{said}")
    print(said, end="")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", default="")  # of the build: sanitizers have to be the consumer's too
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="minap2p-package-") as directory:
        work = Path(directory)
        run("cmake", "--install", options.build, "--prefix", work / "first")
        tree = work / "moved"
        shutil.move(work / "first", tree)
        for file in ["bin/minap2p", "include/minap2p/node.h"]:
            assert (tree / file).exists(), f"{file} is not installed"
        leaked = [path for path in tree.rglob("*.cmake") if str(options.build) in path.read_text()]
        assert not leaked, f"{leaked[0]} names the build's directory"
        print(run(tree / "bin/minap2p", "--version").splitlines()[0])

        # By CMake. Another minor version is not taken.
        build = work / "by-cmake"
        run("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={tree}",
            f"-DCMAKE_CXX_COMPILER={options.compiler}", f"-DCMAKE_CXX_FLAGS={options.flags}")
        run("cmake", "--build", build)
        check_run(build / "consumer")
        refused = subprocess.run(["cmake", "-S", str(CONSUMER), "-B", str(work / "wrong"), "-G", "Ninja",
                                  f"-DCMAKE_PREFIX_PATH={tree}", "-DWANTED=0.99",
                                  f"-DCMAKE_CXX_COMPILER={options.compiler}"],
                                 capture_output=True, text=True, check=False)
        assert refused.returncode != 0 and "0.99" in refused.stderr, refused.stderr

        # By pkg-config, as a Makefile would.
        found = next(tree.rglob("minap2p.pc"))
        env = {**os.environ, "PKG_CONFIG_PATH": str(found.parent)}
        flags = shlex.split(run("pkg-config", "--static", "--cflags", "--libs", "minap2p", env=env))
        program = work / "by-pkg-config"
        run(options.compiler, "-std=c++20", *shlex.split(options.flags), CONSUMER / "consumer.cpp", "-o", program,
            *flags)
        check_run(program)
    return 0


if __name__ == "__main__":
    sys.exit(main())
