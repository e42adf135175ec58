#!/bin/sh
# The layers: who includes whom (layers.txt), and where third-party headers may stand (third_party.txt).
set -eu
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard '*.c' '*.h' | xargs awk '
function folder_of(path,   parts, n) {
	n = split(path, parts, "/")
	if (parts[1] == "pkg" || parts[1] == "services")
		return parts[1] "/" parts[2]
	return parts[1]
}
function target_of(header,   parts, n) {
	n = split(header, parts, "/")
	if (parts[1] == "canaduck" || parts[1] == "google" || parts[1] == "migrations")
		return "gen"
	if (parts[1] == "services")
		return parts[1] "/" parts[2]
	if (parts[1] == "edge" || parts[1] == "test")
		return parts[1]
	return "pkg/" parts[1]
}
function complain(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	bad = 1
}
BEGIN {
	while ((getline line < "test/lint/layers.txt") > 0)
		if (line !~ /^#/ && split(line, half, ":") > 1)
			allowed[half[1]] = " " half[2] " "
	while ((getline line < "test/lint/third_party.txt") > 0)
		if (line !~ /^#/ && (n = split(line, word, " ")) > 1) {
			owned[word[1]] = " "
			for (i = 2; i <= n; i++)
				owned[word[1]] = owned[word[1]] word[i] " "
		}
}
/^#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	from = folder_of(FILENAME)
	to = target_of(quoted[2])
	if (!(from in allowed))
		complain("folder " from " is not in test/lint/layers.txt")
	else if (from != to && allowed[from] !~ /\*/ && index(allowed[from], " " to " ") == 0)
		complain(from " may not use " to " (" quoted[2] ")")
	else if (quoted[2] ~ /^(pkg|\.)/)
		complain("include by the name below pkg/: " quoted[2])
}
/^#[ \t]*include[ \t]*</ {
	split($0, quoted, "[<>]")
	for (header in owned) {
		if (header ~ /\/$/ ? index(quoted[2], header) != 1 : quoted[2] != header)
			continue
		fits = 0
		n = split(owned[header], place, " ")
		for (i = 1; i <= n; i++)
			if (index(FILENAME, place[i] "/") == 1)
				fits = 1
		if (!fits)
			complain("<" quoted[2] "> belongs to" owned[header])
	}
}
END { exit bad }'
