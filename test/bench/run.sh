#!/usr/bin/env bash
# test/bench/run.sh - what a request costs, beside the floors under it: h2o and PostgreSQL alone.
#
#   run.sh CANADUCK BARE_H2O [ROUNDS [SECONDS]]
#
# Everything is started once, then each round measures every case in turn, so that a machine that
# slows down slows all of them. The report is a Markdown table on stdout: medians over the rounds,
# with the lowest and the highest in brackets. CPU time is what the kernel accounted to a process
# and its children while the requests ran. From the environment: CONNECTIONS ("1 64 256"), BASELINE
# (another canaduck, to compare).
set -euo pipefail

rounds=${3:-5}
seconds=${4:-3}
connections=${CONNECTIONS:-1 64 256}
ticks_per_second=$(getconf CLK_TCK)
# shellcheck source=test/bench/stage.sh
. "$(dirname "${BASH_SOURCE[0]}")/stage.sh"

# Where parts that are processes of their own find each other.
port=$((20000 + RANDOM % 10000))
over_ipc="RUN_DIR=$work/run"
over_tcp=""
for service in USERS CHANNELS MESSAGES STATS INCIDENTS; do
	over_tcp+="${service}_URL=tcp://127.0.0.1:$port ${service}_LISTEN=tcp://127.0.0.1:$port "
	port=$((port + 1))
	over_tcp+="${service}_EVENTS_URL=tcp://127.0.0.1:$port ${service}_EVENTS_LISTEN=tcp://127.0.0.1:$port "
	port=$((port + 1))
done

# A server is made of processes: server, process, command (as env(1) takes it). The last one of a
# server is the one that listens; "idle" ones must be there, but no case asks them anything.
processes=(
	"h2o h2o bare_h2o"
	"one-process canaduck canaduck serve all"
	"ipc idle $over_ipc canaduck serve channels messages stats incidents"
	"ipc users $over_ipc canaduck serve users"
	"ipc edge $over_ipc canaduck serve edge"
	"tcp idle $over_tcp canaduck serve channels messages stats incidents"
	"tcp users $over_tcp canaduck serve users"
	"tcp edge $over_tcp canaduck serve edge"
)

# What is measured: title | server | path | status | "postgres" if its cost belongs to it.
too_long=$(printf 'x%.0s' {1..65})
cases=(
	"h2o alone, a fixed answer|h2o|/|200|"
	"the edge alone, GET /healthz|one-process|/healthz|200|"
	"an RPC without database, a name it refuses|one-process|/seen/$too_long|422|"
	"GET /seen/{pseudo}|one-process|/seen/roger|200|postgres"
	"an RPC without database, over ipc|ipc|/seen/$too_long|422|"
	"GET /seen/{pseudo}, over ipc|ipc|/seen/roger|200|postgres"
	"GET /seen/{pseudo}, over tcp|tcp|/seen/roger|200|postgres"
)

# Another build of canaduck, measured in the same rounds: before and after.
add_baseline() {
	local row all=("${cases[@]}")
	processes+=("baseline before before serve all")
	cases=()
	for row in "${all[@]}"; do
		[[ $row != *"|one-process|"* ]] || cases+=("before: ${row/|one-process|/|baseline|}")
		cases+=("$row")
	done
}

# PostgreSQL alone, by pgbench: one connection, and as many as a service reads on.
pgbench_connections=(1 4)

# ---- what runs ----

start_database() {
	start_cluster
	make_database canaduck
	DB_URL=$(url canaduck)
	pids[postgres]=$(psql -qAtX "$DB_URL" -c 'SHOW data_directory')
	pids[postgres]=$(head -n 1 "${pids[postgres]}/postmaster.pid")
	export DB_URL
}

start_servers() {
	local row server process command
	prepare_servers
	ln -s "$(realpath "$1")" "$work/bin/canaduck"
	ln -s "$(realpath "$2")" "$work/bin/bare_h2o"
	[[ -z ${BASELINE:-} ]] || ln -s "$(realpath "$BASELINE")" "$work/bin/before"
	for row in "${processes[@]}"; do
		read -r server process command <<<"$row"
		# shellcheck disable=SC2086 # a command is words
		PATH=$work/bin:$PATH env $command </dev/null >>"$work/$server.$process.log" 2>&1 &
		pids[$server.$process]=$!
		ports[$server]=$work/$server.$process.log
	done
	for server in "${!ports[@]}"; do
		ports[$server]=$(await_port "${ports[$server]}")
	done
}

# A case that answers otherwise than it should measures something else.
await_answer() {
	await_status 10 "$4" "$1" "http://127.0.0.1:${ports[$2]}$3" -H "authorization: Bearer $token"
}

# ---- measuring ----

# CPU time of a process and its children, those that have ended included, in clock ticks.
ticks() {
	{ cat /proc/[0-9]*/stat 2>/dev/null || true; } | awk -v of="$1" '
		{
			pid = $1
			sub(/^.*\) /, "") # the name, which may hold spaces
			if (pid == of || $2 == of)
				sum += $12 + $13 + $14 + $15
		}
		END { print sum + 0 }'
}

# measure TITLE CONNECTIONS PROCESSES COMMAND...: runs the command, which prints "requests rate".
measure() {
	local title=$1 n=$2 keys=$3 key requests rate
	local -A before=()
	shift 3
	for key in $keys; do
		before[$key]=$(ticks "${pids[$key]}")
	done
	read -r requests rate < <("$@") || die "$title, $n connections: no figure"
	for key in $keys; do
		printf '%s\t%s\t%s\t%s\t%s\n' "$title" "$n" "${key#*.}" "$rate" \
			"$(awk -v t=$(($(ticks "${pids[$key]}") - before[$key])) -v hz="$ticks_per_second" \
				-v n="$requests" 'BEGIN { print t / hz * 1e6 / n }')" >>"$work/figures"
	done
}

# Whatever wrk was answered must be of the kind that is expected: all 2xx, or none.
by_wrk() {
	wrk -t 1 -c "$1" -d "${seconds}s" -H "authorization: Bearer $token" "$2" |
		awk -v status="$3" '
			/requests in/ { requests = $1 }
			/^Requests\/sec/ { rate = $2 }
			/Non-2xx/ { others = $NF }
			/Socket errors/ { bad = 1 }
			END {
				if (!bad && requests > 0 && others + 0 == (status < 300 ? 0 : requests))
					print requests, rate
			}'
}

by_pgbench() {
	pgbench -n -M prepared -f "$here/seen.sql" -D pseudo=roger -c "$1" -j 1 -T "$seconds" "$DB_URL" \
		2>>"$work/pgbench.log" |
		awk '/actually processed/ { requests = $NF } /^tps/ { rate = $3 } END { if (requests > 0) print requests, rate }'
}

measure_case() {
	local title server path status beside keys n row
	IFS='|' read -r title server path status beside <<<"$1"
	keys=$(for row in "${processes[@]}"; do
		read -r of process _ <<<"$row"
		[[ $of != "$server" || $process = idle ]] || echo "$server.$process"
	done)
	for n in $connections; do
		measure "$title" "$n" "$keys $beside" by_wrk "$n" "http://127.0.0.1:${ports[$server]}$path" \
			"$status"
		# The logs of a long run would fill the disk.
		truncate -s 0 "$work/$server".*.log
	done
}

measure_all() {
	local round row n
	for ((round = 1; round <= rounds; round++)); do
		printf 'round %d of %d\n' "$round" "$rounds" >&2
		for row in "${cases[@]}"; do
			measure_case "$row"
		done
		for n in "${pgbench_connections[@]}"; do
			measure "PostgreSQL alone, the same row by pgbench" "$n" postgres by_pgbench "$n"
		done
	done
}

# ---- the report ----

report() {
	describe
	awk -f "$here/summary.awk" -f "$here/report.awk" "$work/figures"
}

[[ -z ${BASELINE:-} ]] || add_baseline
start_database
start_servers "$1" "$2"
token=$(register "${ports[one-process]}")
for row in "${cases[@]}"; do
	IFS='|' read -r title server path status _ <<<"$row"
	await_answer "$title" "$server" "$path" "$status"
done
measure_all
report
