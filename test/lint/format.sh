#!/bin/sh
# clang-format 14 as .clang-format says. Its newer versions differ in details.
set -eu
cd "$(dirname "$0")/../.."
tool=$(command -v clang-format-14 || command -v clang-format)
git ls-files -co --exclude-standard '*.c' '*.h' | xargs "$tool" --dry-run -Werror
