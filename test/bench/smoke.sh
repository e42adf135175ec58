#!/bin/sh
# run.sh at its shortest: every row of its report has its figures, and nothing stays behind.
# usage: smoke.sh CANADUCK BARE_H2O
set -eu
report=$(CONNECTIONS=1 "$(dirname "$0")/run.sh" "$1" "$2" 1 1)
echo "$report"
echo "$report" | awk '
	/^\| / && !/^\| what/ {
		rows++
		if (!/\| [0-9]+ \| [a-z0-9_]+ \| [0-9.]+ \[[0-9.]+-[0-9.]+\] \| [1-9][0-9]* \[[0-9]+-[0-9]+\] \|$/) {
			print "no figures: " $0
			bad = 1
		}
	}
	END { exit bad || rows < 7 }'
