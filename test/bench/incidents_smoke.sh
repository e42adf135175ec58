#!/bin/sh
# incidents.sh at its shortest: each request has its figures, answers as large of few and of many,
# and a plan that asks the index of places, or of numbers.
# usage: incidents_smoke.sh CANADUCK
set -eu
report=$("$(dirname "$0")/incidents.sh" "$1" 1 1 2000 4000)
echo "$report" | awk '
	/^\| / && !/^\| request/ {
		rows++
		print
		figures = $0
		if (gsub(/\| [0-9.]+ \[[0-9.]+-[0-9.]+\] /, "", figures) != 6) {
			print "no figures: " $0
			bad = 1
		}
		if (/100 of/ && !/\| 100 and 100 \|/ || /\| 0 /) {
			print "other answers: " $0
			bad = 1
		}
	}
	/^## / && !/^## Complaints/ { plans++ }
	/Index Scan using incidents_p(lace_idx|key)/ { scans[plans] = 1 }
	END {
		for (i = 1; i <= plans; i++)
			indexed += scans[i]
		printf "%d requests, plans for %d, by an index for %d\n", rows, plans, indexed
		exit bad || rows != 6 || plans != rows || indexed != plans
	}'
