#!/bin/sh
# README.md names every variable that the executable knows, and no command that it does not.
# usage: readme.sh CANADUCK
set -eu
readme=$(dirname "$0")/../../README.md
bad=0
for name in $("$1" help | sed -n '/^Configuration/,$s/^  \([A-Z][A-Z0-9_]*\).*/\1/p' | sort -u); do
	if ! grep -q "^| \`$name\`" "$readme"; then
		echo "README.md: the configuration table lacks $name"
		bad=1
	fi
done
for name in $(sed -n 's/^| `\([A-Z][A-Z0-9_]*\)`.*/\1/p' "$readme"); do
	if ! "$1" help | grep -q "^  $name[[ ]"; then
		echo "README.md: there is no variable $name"
		bad=1
	fi
done
exit $bad
