#!/usr/bin/env bash
# clang-tidy 22 on the sources that changed since a commit: all of them would
# take half an hour. Needs build/compile_commands.json (./build.sh all).
# usage: tidy.sh [BASE]   BASE: default the parent of main; "all" for every file
# Environment: TIDY_LIMIT, the most files to look at (default 24), JOBS.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tool=${CLANG_TIDY:-clang-tidy-22}
command -v "$tool" >/dev/null || {
  echo "expected $tool to be installed (apt-get install clang-tidy-22), but got none"
  exit 1
}
[ -f build/compile_commands.json ] || {
  echo "expected build/compile_commands.json to exist, but got none; run: ./build.sh all"
  exit 1
}

base=${1:-}
if [ -z "$base" ]; then
  base=$(git rev-parse -q --verify 'main^' || git rev-parse -q --verify 'HEAD^' || echo all)
fi
if [ "$base" = all ]; then
  candidates=$(git ls-files -co --exclude-standard -- 'lib/*.cpp' 'tools/*.cpp')
else
  candidates=$(
    git diff --name-only --diff-filter=d "$base" -- 'lib/*.cpp' 'tools/*.cpp'
    git ls-files -o --exclude-standard -- 'lib/*.cpp' 'tools/*.cpp'
  )
fi
files=()
while read -r file; do
  # A file that the build does not know has no flags to be read with.
  if [ -n "$file" ] && grep -qF "/$file\"" build/compile_commands.json; then files+=("$file"); fi
done < <(sort -u <<<"$candidates")
limit=${TIDY_LIMIT:-24}
if [ ${#files[@]} -gt "$limit" ]; then
  echo "tidy: the first $limit of ${#files[@]} files (TIDY_LIMIT)"
  files=("${files[@]:0:$limit}")
fi
[ ${#files[@]} -gt 0 ] || {
  echo "tidy: no changed files"
  exit 0
}
if ! printf '%s\n' "${files[@]}" |
  xargs -P "${JOBS:-$(nproc)}" -n 1 "$tool" -p build --quiet --warnings-as-errors='*' \
    2> >(grep -vE 'warnings? (generated|treated)|^Suppressed|^Use -header' >&2); then
  echo "fix the warnings above, or run: $tool -p build --fix FILE"
  exit 1
fi
echo "tidy: ${#files[@]} files"
