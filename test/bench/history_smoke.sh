#!/bin/sh
# history.sh at its shortest: each request has its figures, of both histories, and a plan.
# usage: history_smoke.sh CANADUCK
set -eu
report=$(ASKED=1 "$(dirname "$0")/history.sh" "$1" 1 1000 4000)
echo "$report" | awk '
	/^\| / && !/^\| request/ {
		rows++
		print
		if (!/\| [0-9.]+ \| [0-9.]+ \| [0-9.]+ \| 2? *\|$/) {
			print "no figures: " $0
			bad = 1
		}
	}
	/^## / && !/^## Complaints/ { plans++ }
	/^Query Text: / { statements++ }
	/`canaduck stats rebuild` took [0-9.]+ s and [0-9.]+ s/ { rebuilt = 1 }
	END {
		printf "%d requests, plans for %d, of %d statements\n", rows, plans, statements
		exit bad || !rebuilt || rows < 20 || plans != rows || statements < rows
	}'
