# test/bench/stage.sh - for the scripts beside it: a PostgreSQL of their own, what runs against it,
# the plans of what it is asked, and that nothing of it stays behind. Sourced; sets here (this
# folder), work (a directory), pids and ports (of what runs).
# shellcheck shell=bash

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cluster=$here/../../pkg/db/cluster.sh
work=$(mktemp -d /tmp/canaduck-bench-XXXXXX)
declare -A pids=() ports=()

say() { printf '%s\n' "$*" >&2; }

die() {
	say "bench: $*"
	tail -qn 3 "$work"/*.log >&2 2>/dev/null || true
	exit 1
}

stop_all() {
	trap - EXIT
	# timeout(1) and terminals send a signal to the group too: it comes twice.
	trap "" INT TERM
	unset "pids[postgres]"
	if [[ ${#pids[@]} -gt 0 ]]; then
		kill -TERM "${pids[@]}" 2>/dev/null || true
		wait "${pids[@]}" 2>/dev/null || true
	fi
	"$cluster" destroy "$work/postgres" || true
	rm -rf "$work"
}

# ---- databases ----

start_cluster() {
	trap stop_all EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	chmod 711 "$work"
	"$cluster" start "$work/postgres" fsync on
}

url() { "$cluster" url "$work/postgres" "$1"; }

make_database() { psql -qX "$(url postgres)" -c "CREATE DATABASE $1"; }

# ---- servers ----

# What every server is told; each takes any port.
prepare_servers() {
	od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$work/jwt_secret"
	export JWT_SECRET_FILE=$work/jwt_secret PORT=0 METRICS_PORT=0
	mkdir "$work/bin"
	mkdir -m 700 "$work/run"
}

# The port that a server says in its log.
await_port() {
	local try
	for ((try = 0; try < 600; try++)); do
		grep -Eom1 '(^| )port=[0-9]+' "$1" | tr -dc 0-9 | grep . && return
		sleep 0.1
	done
	die "nothing listens that writes to $1"
}

# await_status SECONDS STATUS TITLE URL [CURL ARGUMENTS...]: until it is answered so.
await_status() {
	local tries=$(($1 * 10)) status=$2 title=$3 url=$4 try
	shift 4
	for ((try = 0; try < tries; try++)); do
		[[ $(curl -so /dev/null -w '%{http_code}' "$@" "$url") != "$status" ]] || return 0
		sleep 0.1
	done
	die "$title: $url does not answer $status"
}

# serve DATABASE CANADUCK [NAME=VALUE...]: all of canaduck on a database of that name.
serve() {
	local of=$1 canaduck=$2 log=$work/$1.log
	shift 2
	: >"$log"
	DB_URL=$(url "$of") env "$@" "$canaduck" serve all </dev/null >>"$log" 2>&1 &
	pids[$of]=$!
	ports[$of]=$(await_port "$log")
	await_status 300 200 "$of" "http://127.0.0.1:${ports[$of]}/readyz"
}

stop_server() {
	kill -TERM "${pids[$1]}"
	wait "${pids[$1]}" || true
	unset "pids[$1]"
}

# register PORT: an account; its access token.
register() {
	curl -sf "http://127.0.0.1:$1/register" -H 'content-type: application/json' \
		-d '{"pseudo": "roger", "email": "roger@example.org", "password": "coin-coin-42"}' |
		sed 's/.*"access_token":"\([^"]*\)".*/\1/' | grep . || die "nobody can register"
}

# ---- plans ----

# explain DATABASE: sessions that begin from now on tell their plans.
explain() {
	psql -qX "$(url postgres)" -c "ALTER DATABASE $1 SET session_preload_libraries = 'auto_explain'" \
		-c "ALTER DATABASE $1 SET auto_explain.log_min_duration = 0" \
		-c "ALTER DATABASE $1 SET auto_explain.log_analyze = on" \
		-c "ALTER DATABASE $1 SET auto_explain.log_buffers = on"
}

# plans_of TITLE COMMAND...: what such sessions tell while the command runs; into $work/plans.
plans_of() {
	local title=$1 log=$work/postgres/log from
	shift
	from=$(stat -c %s "$log")
	"$@" >/dev/null
	tail -c "+$((from + 1))" "$log" | awk -v title="$title" -f "$here/plans.awk" >>"$work/plans"
}

show_plans() {
	cat "$work/plans"
	printf '\n## Complaints\n\n'
	grep '^! ' "$work/plans" || echo none
}

# ---- reports ----

# What the figures are of.
describe() {
	printf 'Medians [lowest-highest] of %s rounds of %s s; %s CPUs, the load on the same: %s\n\n' \
		"$rounds" "$seconds" "$(nproc)" "$(sed -n 's/^model name\t*: //p' /proc/cpuinfo | head -n 1)"
}
