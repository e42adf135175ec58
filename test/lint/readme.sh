#!/bin/sh
# The configuration table of README.md says of every variable what the executable says.
# usage: readme.sh CANADUCK
set -eu
readme=$(dirname "$0")/../../README.md
help=$(mktemp)
trap 'rm -f "$help"' EXIT
"$1" help | sed -n '/^Configuration/,$p' >"$help"
awk '
# A row is | `NAME` | `default` | meaning (secret) |, the help NAME[_FILE] default meaning (range).
function sentence(fields, n, from,   s, i) {
	for (i = from; i <= n; i++)
		s = s " " fields[i]
	return s
}
FNR == 1 { file++ }
file == 1 && /^  [A-Z]/ {
	name = $1
	sub(/\[_FILE\]$/, "", name)
	n = split($0, words, /[ ]+/)
	helps[++lines] = sentence(words, n, 2)
	is_known[name] = 1
}
file == 2 && /^\| `[A-Z][A-Z0-9_]*` \|/ {
	split($0, cells, / *\| */)
	name = cells[2]
	gsub(/`/, "", name)
	is_told[name] = 1
	is_secret = sub(/ \(secret\)$/, "", cells[4])
	gsub(/`/, "", cells[3])
	if (cells[3] == "required")
		cells[3] = "(required)"
	row = " " name (is_secret ? "[_FILE]" : "") " " (cells[3] == "" ? "-" : cells[3]) " " cells[4]
	for (i = 1; i <= lines; i++)
		if (helps[i] == row || index(helps[i], row " (") == 1)
			next
	print "README.md: of " name " the help says something else"
	bad = 1
}
END {
	for (name in is_known)
		if (!(name in is_told)) {
			print "README.md: the configuration table lacks " name
			bad = 1
		}
	exit bad
}' "$help" "$readme"
