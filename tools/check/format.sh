#!/usr/bin/env bash
# C++ is formatted by clang-format 22 (other versions format differently).
# usage: format.sh [--fix]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

tool=${CLANG_FORMAT:-clang-format-22}
command -v "$tool" >/dev/null || {
  echo "expected $tool to be installed (apt-get install clang-format-22), but got none"
  exit 1
}
mapfile -t files < <(find lib include tools test examples \( -name '*.cpp' -o -name '*.h' -o -name '*.c' \) 2>/dev/null | sort)
if [ "${1:-}" = --fix ]; then
  exec "$tool" -i "${files[@]}"
fi
if ! report=$("$tool" --dry-run -Werror "${files[@]}" 2>&1); then
  grep -oE '^[^:]+\.(cpp|h|c):[0-9]+' <<<"$report" | cut -d: -f1 | uniq -c
  echo "these files (lines to change) are not formatted; run: tools/check/format.sh --fix"
  exit 1
fi
echo "format: ${#files[@]} files"
