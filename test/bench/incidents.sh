#!/usr/bin/env bash
# test/bench/incidents.sh - what finding and reporting incidents costs when there are few and when
# there are many.
#
#   incidents.sh CANADUCK [ROUNDS [SECONDS [FEW [MANY]]]]
#
# FEW and MANY are numbers of incidents (10000, 1000000), made by incidents.sql in a database each:
# more cities, each as dense, so that answers are as large, and a capital that grows. Both are
# served at once and each round asks both, one request after the other, so that a machine that slows
# down slows both. The report is Markdown: medians over the rounds, with the lowest and the highest
# in brackets, then what PostgreSQL did for a request of each kind with many (EXPLAIN ANALYZE by
# auto_explain, of the statements that the product really runs). Plans that read a large table as a
# whole or throw many rows away are listed last; there should be none.
set -euo pipefail

canaduck=$(realpath "$1")
rounds=${2:-5}
seconds=${3:-3}
declare -A incidents=([few]=${4:-10000} [many]=${5:-1000000}) tokens=()
# What is said counts once an hour: so many reports a round, and as many interactions, so that the
# few last for all rounds (the one before the first, too), and some are left for the plans.
told=$((incidents[few] / 2))
for_plans=30
written=$(((told - for_plans) / (rounds + 1)))
# shellcheck source=test/bench/stage.sh
. "$(dirname "${BASH_SOURCE[0]}")/stage.sh"

# What is asked: the end of a file of requests | "read" or "write" | title.
cases=(
	"near|read|within 500 m, 100 of them"
	"far|read|within 40 km, 100 of them"
	"capital|read|within 40 km, 100 of a tenth of all"
	"along|read|along 50 km in 500 points"
	"report|write|a report of what is known"
	"interaction|write|an interaction"
)

# ---- what runs ----

serve_incidents() { serve "$1" "$canaduck" MODERATION_INTERVAL=86400; }

make_incidents() {
	local began=$SECONDS
	make_database "$1"
	serve_incidents "$1"
	tokens[$1]=$(register "${ports[$1]}")
	REQUESTS=$work/$1 psql -qX -v incidents="${incidents[$1]}" -v told="$told" \
		-f "$here/incidents.sql" "$(url "$1")"
	say "${incidents[$1]} incidents written in $((SECONDS - began)) s"
}

# ---- asking ----

# ask FEW_OR_MANY: requests, a line each, to answers, a line each.
ask() {
	local method path body
	while read -r method path body; do
		curl -sf -X "$method" -H "authorization: Bearer ${tokens[$1]}" -w '\n' \
			${body:+-H 'content-type: application/json' --data-binary "$body"} \
			"http://127.0.0.1:${ports[$1]}$path" || die "no answer to $method $path"
	done
}

# How many incidents an answer holds on average.
mean_size() {
	head -n 20 "$work/$1.$2" | ask "$1" | awk '{ n += gsub(/"distance":/, "") } END { printf "%.0f", n / NR }'
}

# figure FEW_OR_MANY KIND [FIRST N]: "p50 p99" in microseconds.
figure() {
	local of=$1 kind=$2
	shift 2
	wrk -t 1 -c 1 -d "${seconds}s" -H "authorization: Bearer ${tokens[$of]}" -s "$here/incidents.lua" \
		"http://127.0.0.1:${ports[$of]}" -- "$work/$of.$kind" "$@" |
		awk '$1 == "figures" && $2 > 0 && $3 == 0 { print $4, $5 }'
}

measure_case() {
	local round=$1 kind does title of slice p50 p99
	IFS='|' read -r kind does title <<<"$2"
	slice=()
	[[ $does = read ]] || slice=($((1 + round * written)) "$written")
	for of in few many; do
		read -r p50 p99 < <(figure "$of" "$kind" "${slice[@]}") || die "$title, $of: no figure"
		[[ $round = 0 ]] || printf '%s\t%s\t%s\t%s\n' "$kind" "$of" "$p50" "$p99" >>"$work/figures"
	done
}

measure() {
	local round row
	# The first round fills the caches, which a single one does not mind.
	for ((round = rounds > 1 ? 0 : 1; round <= rounds; round++)); do
		say "round $round of $rounds"
		for row in "${cases[@]}"; do
			measure_case "$round" "$row"
		done
	done
}

# ---- the report ----

report() {
	local row kind does title sizes
	describe
	printf '| request | incidents in the answer | %d there: p50 ms | p99 ms | %d there: p50 ms | p99 ms | p50, ratio | p99, ratio | at most |\n' \
		"${incidents[few]}" "${incidents[many]}"
	printf '|---|--:|--:|--:|--:|--:|--:|--:|--:|\n'
	for row in "${cases[@]}"; do
		IFS='|' read -r kind does title <<<"$row"
		sizes=1
		[[ $does = write ]] || sizes="$(mean_size few "$kind") and $(mean_size many "$kind")"
		awk -v kind="$kind" -v title="$title" -v sizes="$sizes" -f "$here/summary.awk" \
			-f "$here/incidents.awk" "$work/figures"
	done
}

# A statement has the plan that it keeps after some times on a connection, and those are four: of
# the last requests, that nobody has made yet, all but one are for that.
read_plans() {
	local row kind title requests
	for row in "${cases[@]}"; do
		IFS='|' read -r kind _ title <<<"$row"
		requests=$work/many.$kind
		tail -n "$for_plans" "$requests" | head -n -1 | ask many >/dev/null
		plans_of "$title" ask many < <(tail -n 1 "$requests")
	done
}

# ---- all of it ----

start_cluster
prepare_servers
make_incidents few
make_incidents many
measure
report
stop_server many
explain many
serve_incidents many
read_plans
show_plans
