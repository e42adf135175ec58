#!/bin/sh
# Functions that are not used here, and where exceptions stand; comments of the // kind; file sizes.
set -eu
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard '*.c' '*.h' | xargs awk '
function complain(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	bad = 1
}
FNR == 1 { in_comment = 0 }
FNR == 801 { complain("over 800 lines") }
{
	code = $0
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
	gsub(/\/\*.*\*\//, "", code)
	if (in_comment) {
		if (code !~ /\*\//)
			next
		sub(/.*\*\//, "", code)
		in_comment = 0
	}
	if (code ~ /\/\*/) {
		sub(/\/\*.*/, "", code)
		in_comment = 1
	}
	if (code ~ /\/\//)
		complain("// comment")
	if (code ~ /(^|[^A-Za-z0-9_.>])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|gets|alloca|rand|localtime|gmtime|setlocale)[ ]*\(/)
		complain("banned function: " $0)
	if (FILENAME !~ /^(pkg\/base|test)\// && $0 !~ /lint:/ && code ~ /(^|[^A-Za-z0-9_.>])(malloc|calloc|realloc|free|strdup|strndup|asprintf)[ ]*\(/)
		complain("memory goes through base/mem.h: " $0)
	if (FILENAME !~ /^(pkg\/config|test)\// && code ~ /(^|[^a-z_])(secure_)?getenv[ ]*\(/)
		complain("the environment is read in pkg/config only: " $0)
	if (FILENAME ~ /^test\// && code ~ /(^|[^a-z_])(sleep|usleep|nanosleep)[ ]*\(/)
		complain("tests wait for conditions: " $0)
}
END { exit bad }'
