#!/bin/sh
# compose.yaml follows the specification and our own rules (rules.mjs).
# usage: compose.sh CANADUCK DIRECTORY, where the packages of package-lock.json are installed
set -eu
canaduck=$1
dir=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

if ! cmp -s "$here/package-lock.json" "$dir/installed.json"; then
	mkdir -p "$dir"
	cp "$here/package.json" "$here/package-lock.json" "$dir"
	npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund --loglevel=error
	cp "$here/package-lock.json" "$dir/installed.json"
fi

# What deploy/secrets.sh makes, made elsewhere.
rm -rf "$dir/made"
mkdir -p "$dir/made/deploy"
cp "$root/deploy/secrets.sh" "$dir/made/deploy"
"$dir/made/deploy/secrets.sh"

"$canaduck" help >"$dir/help.txt"
ROOT=$root DIR=$dir node --test "$here/compose.test.mjs"
