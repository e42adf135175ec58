#!/bin/sh
# compose.yaml follows the specification and our own rules (rules.mjs).
# usage: compose.sh CANADUCK DIRECTORY, where the packages of package-lock.json get installed
set -eu
canaduck=$1
dir=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

"$root/dev" npm "$here" "$dir"

# What deploy/secrets.sh makes, made elsewhere.
rm -rf "$dir/made"
mkdir -p "$dir/made/deploy"
cp "$root/deploy/secrets.sh" "$dir/made/deploy"
"$dir/made/deploy/secrets.sh"

"$canaduck" help >"$dir/help.txt"
ROOT=$root DIR=$dir node --test "$here/compose.test.mjs"
