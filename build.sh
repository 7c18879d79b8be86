#!/usr/bin/env bash
# Builds, tests and packs attn on Debian 12. `./build.sh --help` says how.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

PACKAGES=(libmlir-22-dev mlir-22-tools llvm-22-dev llvm-22-tools llvm-22 clang-22 lld-22
  libclang-rt-22-dev clang-format-22 clang-tidy-22 libzstd-dev zlib1g-dev ninja-build cmake ccache git
  python3 python3-pip python3-venv xz-utils)
# Import names, and what provides them.
PYTHON_MODULES=(tvm_ffi numpy pytest ml_dtypes)
PYTHON_PACKAGES=('apache-tvm-ffi>=0.1.15,<0.2' numpy pytest ml_dtypes)
VERSION=$(cat VERSION)

usage() {
  cat <<TEXT
usage: ./build.sh [command]

  demo     build, then run examples/demo.py (the default)
  all      build everything into build/
  test     build everything, run all tests; last line: N passed, N failed
  bundle   pack dist/attn-$VERSION.tar.xz, which runs without LLVM installed
  clean    remove build/, build-static/ and dist/

Missing Debian packages are installed when run as root or with sudo without a
password; otherwise the one command to run is printed. Python packages that the
python3 on PATH lacks go into build/venv.
Environment: ATTN_PYTHON (python3 to use), JOBS (parallel jobs, default all cores).
TEXT
}

say() { printf '== %s\n' "$*"; }
die() {
  printf 'build.sh: %s\n' "$*" >&2
  exit 1
}

# True where the package, or for tools and Python another copy of it, is there.
have_package() {
  case $1 in
    ninja-build) command -v ninja >/dev/null ;;
    cmake | ccache | git | clang-22 | clang-format-22 | clang-tidy-22) command -v "$1" >/dev/null ;;
    xz-utils) command -v xz >/dev/null ;;
    python3) command -v "${ATTN_PYTHON:-python3}" >/dev/null ;;
    python3-pip) "${ATTN_PYTHON:-python3}" -m pip --version >/dev/null 2>&1 ;;
    python3-venv) "${ATTN_PYTHON:-python3}" -c 'import ensurepip, venv' >/dev/null 2>&1 ;;
    *) dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
  esac
}

install_packages() {
  local package root missing=()
  for package in "${PACKAGES[@]}"; do
    have_package "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  if [ "$(id -u)" -eq 0 ]; then
    root=(env DEBIAN_FRONTEND=noninteractive)
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root=(sudo env DEBIAN_FRONTEND=noninteractive)
  else
    die "expected these packages to be installed: ${missing[*]}
Run this once, then ./build.sh again:
  sudo apt-get update && sudo apt-get install -y ${missing[*]}"
  fi
  say "installing ${missing[*]}"
  "${root[@]}" apt-get update -q
  "${root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    die "expected apt to install ${missing[*]}, but it failed (LLVM 22 is in bookworm-security: is it in your apt sources?)"
}

has_modules() {
  local module
  for module in "${PYTHON_MODULES[@]}"; do
    # find_spec, not import: tvm_ffi would import PyTorch, which takes seconds.
    "$1" -c "import importlib.util as u, sys; sys.exit(u.find_spec('$module') is None)" \
      2>/dev/null || return 1
  done
}

# Sets PYTHON: the one on PATH if it has all packages, else that of build/venv.
choose_python() {
  PYTHON=$(command -v "${ATTN_PYTHON:-python3}")
  if has_modules "$PYTHON"; then return; fi
  local base=$PYTHON
  PYTHON=$PWD/build/venv/bin/python3
  if [ -x "$PYTHON" ] && has_modules "$PYTHON"; then return; fi
  say "installing Python packages into build/venv"
  # Debian's Python refuses packages outside of a virtual environment.
  "$base" -m venv --system-site-packages build/venv
  "$PYTHON" -m pip install --quiet --disable-pip-version-check "${PYTHON_PACKAGES[@]}" ||
    die "expected pip to install ${PYTHON_PACKAGES[*]}, but it failed"
}

# configure DIR OPTIONS...: once, and again when the options change.
configure() {
  local dir=$1 stamp options
  shift
  options=(-G Ninja -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22
    -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld=lld
    -DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld
    -DMLIR_DIR="$LLVM_PREFIX/lib/cmake/mlir" -DLLVM_DIR="$LLVM_PREFIX/lib/cmake/llvm"
    -DLLVM_EXTERNAL_LIT="$LLVM_PREFIX/bin/lit" -DATTN_PYTHON="$PYTHON" "$@")
  stamp=$dir/.configured
  if [ -f "$dir/build.ninja" ] && [ "$(cat "$stamp" 2>/dev/null)" = "${options[*]}" ]; then return; fi
  say "configuring $dir"
  mkdir -p "$dir"
  cmake -S . -B "$dir" "${options[@]}" >"$dir/configure.log" 2>&1 || {
    tail -n 40 "$dir/configure.log" >&2
    die "expected CMake to configure $dir, but it failed (whole log: $dir/configure.log)"
  }
  printf '%s' "${options[*]}" >"$stamp"
}

build() {
  local dir=$1
  shift
  say "building $dir"
  ninja -C "$dir" ${JOBS:+-j "$JOBS"} "$@" ||
    die "expected the build of $dir to succeed, but it failed (first error above)"
}

prepare() {
  install_packages
  choose_python
  LLVM_PREFIX=$(llvm-config-22 --prefix)
  # The precompiled header keeps ccache from hitting without these.
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
}

command_all() {
  prepare
  configure build
  build build
}

command_demo() {
  command_all
  say "running examples/demo.py"
  PYTHONPATH=$PWD/build/python "$PYTHON" examples/demo.py
  say "next: PYTHONPATH=build/python ${PYTHON#"$PWD"/}, then: import attn"
}

command_test() {
  command_all
  "$PYTHON" tools/check/run_tests.py build
}

command_bundle() {
  prepare
  configure build-static -DATTN_STATIC=ON -DATTN_BUILD_TESTS=OFF
  build build-static
  local stage=build-static/bundle/attn-$VERSION tool
  rm -rf "$stage"
  mkdir -p "$stage/bin" "$stage/python" "$stage/lib" "$stage/include/attn" dist
  for tool in build-static/bin/attn-*; do
    case $tool in *-test) ;; *) cp "$tool" "$stage/bin/" ;; esac
  done
  cp -r build-static/python/attn "$stage/python/"
  rm -rf "$stage/python/attn/__pycache__"
  # What a program needs to launch kernels generated ahead of time.
  cp build-static/lib/libAttnRuntime.a "$stage/lib/"
  cp -r include/attn/Runtime "$stage/include/attn/"
  cp python/pyproject.toml "$stage/python/"
  cp LICENSE THIRD_PARTY_NOTICES.md VERSION "$stage/"
  "$LLVM_PREFIX/bin/llvm-strip" "$stage"/bin/* "$stage"/python/attn/*.so
  check_bundle "$stage"
  say "packing"
  tar -C build-static/bundle --sort=name --owner=0 --group=0 -cf - "attn-$VERSION" |
    xz -6 -T0 >"dist/attn-$VERSION.tar.xz"
  say "dist/attn-$VERSION.tar.xz: $(du -h "dist/attn-$VERSION.tar.xz" | cut -f1), unpacked $(du -sh "$stage" | cut -f1)"
}

# A bundle must run where no LLVM is, and be importable.
check_bundle() {
  local file
  for file in "$1"/bin/* "$1"/python/attn/*.so; do
    if ldd "$file" | grep -E 'libLLVM|libMLIR'; then
      die "expected ${file#"$1"/} to need no LLVM library, but it does (above)"
    fi
  done
  PYTHONPATH=$1/python "$PYTHON" -c 'import attn; attn.compile(attn.Causal(), "sm_80", emit="ptx")' ||
    die "expected the packed Python package to compile a kernel, but it failed (above)"
}

case ${1:-demo} in
  demo | test | bundle | all) "command_${1:-demo}" ;;
  clean) rm -rf build build-static dist ;;
  -h | --help | help) usage ;;
  *)
    usage >&2
    die "expected a command of the list above, but got '$1'"
    ;;
esac
