#!/bin/sh
# pkg/db/cluster.sh - a private PostgreSQL cluster on a unix socket, for development and tests.
#
#   cluster.sh start DIR [fsync on|off]   makes it if it is new, starts it if it is down
#   cluster.sh stop DIR [fast|immediate]  immediate: as in a crash
#   cluster.sh url DIR [DATABASE]         prints the connection URL
#   cluster.sh destroy DIR                stops it and removes DIR
#
# Any state is a fine state to come from: never made, half made, running, crashed. Runs of this
# script on the same DIR wait for each other. As root, PostgreSQL runs as the user postgres; where
# that user cannot reach DIR, the data lives in /var/lib/canaduck.
set -eu

die() {
	echo "cluster.sh: $*" >&2
	exit 1
}

usage() {
	sed -n '4,7s/^# *//p' "$0" >&2
	exit 2
}

# PostgreSQL refuses to run as root.
as_owner() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
	else
		"$@"
	fi
}

find_binaries() {
	for bin in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
		[ -x "$bin/initdb" ] && found=$bin
	done
	[ -n "${found:-}" ] || die "no PostgreSQL server here: apt-get install postgresql"
	bin=$found
	if [ "$(id -u)" -eq 0 ] && ! id postgres >/dev/null 2>&1; then
		die "there is no user postgres to run PostgreSQL as"
	fi
}

# Sets home (data and log) and run (the socket); both follow from DIR alone.
find_places() {
	hash=$(printf '%s' "$dir" | cksum | tr ' ' -)
	home=$dir
	if [ "$(id -u)" -eq 0 ] && ! as_owner test -x "$dir" 2>/dev/null; then
		home=/var/lib/canaduck/$hash
	fi
	# A socket's path has room for 107 bytes, and a URL for plain letters only.
	run=$home/run
	case $run in
	*[!A-Za-z0-9/._-]*) run=/tmp/canaduck-$(id -u)-$hash ;;
	esac
	[ ${#run} -le 80 ] || run=/tmp/canaduck-$(id -u)-$hash
	data=$home/data
}

make_owned() {
	mkdir -p "$1"
	[ "$(id -u)" -ne 0 ] || chown postgres:postgres "$1"
	chmod 700 "$1"
	[ -O "$1" ] || [ "$(id -u)" -eq 0 ] || die "$1 belongs to somebody else"
}

# Processes of a cluster run in its data directory.
works_in_data() {
	[ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$(readlink -f "$data")" ]
}

# A crash leaves postmaster.pid behind, and its number may be somebody else's by now.
is_running() {
	[ -f "$data/postmaster.pid" ] || return 1
	pid=$(head -n 1 "$data/postmaster.pid")
	works_in_data "$pid"
}

# Its children outlive a killed postmaster for a moment, and must not meet those of a new one.
await_orphans() {
	for try in $(seq 100); do
		orphans=
		for proc in /proc/[0-9]*; do
			! works_in_data "${proc#/proc/}" || orphans=yes
		done
		[ -n "$orphans" ] || return 0
		sleep 0.1
	done
	die "processes of a killed PostgreSQL still work in $data after $try looks"
}

make() {
	rm -rf "$data.new"
	make_owned "$data.new"
	as_owner "$bin/initdb" -D "$data.new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
		--no-sync >"$home/initdb.log" 2>&1 ||
		die "initdb failed: $(tail -n 3 "$home/initdb.log")"
	add_postgis
	[ "$fsync" = off ] || sync
	mv "$data.new" "$data"
}

# Databases are copied from template1, which is much quicker than to create the extension in each.
add_postgis() {
	printf '%s\n' 'CREATE EXTENSION IF NOT EXISTS postgis' \
		"SELECT 'is there' AS postgis FROM pg_extension WHERE extname = 'postgis'" |
		as_owner "$bin/postgres" --single -F -D "$data.new" template1 >"$home/postgis.log" 2>&1 ||
		die "PostGIS cannot be created: $(tail -n 3 "$home/postgis.log")"
	grep -q 'postgis = "is there"' "$home/postgis.log" ||
		die "no PostGIS here (apt-get install postgresql-15-postgis-3):
$(grep -E '(ERROR|FATAL|HINT):' "$home/postgis.log" | tail -n 3)"
}

start() {
	mkdir -p "$home"
	[ -d "$data" ] || make
	! is_running || return 0
	if [ -f "$data/postmaster.pid" ]; then
		await_orphans
		rm -f "$data/postmaster.pid"
	fi
	make_owned "$run"
	rm -f "$run"/.s.PGSQL.*
	: >>"$home/log"
	[ "$(id -u)" -ne 0 ] || chown postgres:postgres "$home/log"
	options="-c listen_addresses= -c unix_socket_directories=$run -c max_connections=400"
	[ "$fsync" = on ] ||
		options="$options -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
	# The daemon must not keep the lock.
	as_owner "$bin/pg_ctl" -D "$data" -l "$home/log" -o "$options" -w -t 60 start \
		>/dev/null 2>&1 9>&- || die "PostgreSQL does not start: $(tail -n 5 "$home/log")"
}

stop() {
	is_running || return 0
	as_owner "$bin/pg_ctl" -D "$data" -m "$1" -w -t 60 stop >/dev/null 2>&1 9>&- ||
		die "PostgreSQL does not stop: $(tail -n 5 "$home/log")"
}

[ $# -ge 2 ] || usage
verb=$1
case $2 in
/*) dir=$2 ;;
*) dir=$PWD/$2 ;;
esac
if [ ! -d "$dir" ]; then
	[ "$verb" != destroy ] || exit 0
	mkdir -p "$dir"
fi
find_binaries
exec 9>"$dir/lock"
flock 9
find_places

case $verb in
start)
	fsync=on
	[ "${3:-}" != fsync ] || fsync=${4:-on}
	start
	;;
stop) stop "${3:-fast}" ;;
url) echo "postgresql://postgres@/${3:-postgres}?host=$run" ;;
destroy)
	stop immediate
	rm -rf "$run" "$home" "$dir"
	;;
*) usage ;;
esac
