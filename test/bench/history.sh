#!/usr/bin/env bash
# test/bench/history.sh - what reads cost when much was written: the same requests on a short history
# and on a long one.
#
#   history.sh CANADUCK [ROUNDS [SHORT [LONG]]]
#
# SHORT and LONG are numbers of messages (10000, 1000000), made by history.sql in a database each.
# Both are served at once and each round asks both, so that a machine that slows down slows both.
# The report is Markdown: medians over the rounds, and what PostgreSQL did for each request on the
# long history (EXPLAIN ANALYZE by auto_explain, of the statements that the product really runs).
# Plans that read a large table as a whole or throw many rows away are listed last; there should be
# none. From the environment: CHANNELS (1000), PEOPLE (2000), ASKED (requests of a kind a round: 5).
set -euo pipefail

canaduck=$(realpath "$1")
rounds=${2:-10}
declare -A messages=([short]=${3:-10000} [long]=${4:-1000000})
asked=${ASKED:-5}
# shellcheck source=test/bench/stage.sh
. "$(dirname "${BASH_SOURCE[0]}")/stage.sh"
declare -A tokens=() values=()

# What is asked: title | "key" where the long history may cost at most twice | path. $words are of
# the history: see look_up(). A small channel has some three messages in the short one.
cases=(
	'newest messages of a large channel|key|/msg?channel=channel_1'
	'newest messages of a small channel|key|/msg?channel=channel_999&limit=3'
	'messages before a cursor, deep|key|/msg?channel=channel_1&before=$deep'
	'messages after a cursor, deep|key|/msg?channel=channel_1&after=$deep'
	'a thread|key|/msg/thread/1'
	'a thread after a cursor|key|/msg/thread/1?after=$answer'
	'pinned messages|key|/msg/pinned?channel=channel_1'
	'a private conversation|key|/msg/private?from=person_1&to=person_1001'
	'search, a frequent word||/msg/search?q=bonjour'
	'search, two frequent words||/msg/search?q=bonjour+the'
	'search, a rare word||/msg/search?q=zanzibar'
	'search, a frequent word in a large channel||/msg/search?q=bonjour&channel=channel_1'
	'search, a frequent word in a small channel||/msg/search?q=bonjour&channel=channel_999'
	'search, a frequent word by somebody||/msg/search?q=bonjour&from=person_7'
	'active channels|key|/stats/active-channels'
	'hourly activity|key|/stats/hourly-activity'
	'messages per user|key|/stats/messages-per-user'
	'most reacted messages|key|/stats/top-reacted-messages'
	'active channels of a week||/stats/active-channels?since=$week'
	'messages per user of a week||/stats/messages-per-user?since=$week'
	'most reacted messages of a week||/stats/top-reacted-messages?since=$week'
)

# ---- what runs ----

make_history() {
	local began=$SECONDS
	make_database "$1"
	DB_URL=$(url "$1") "$canaduck" migrate >"$work/migrate.log" 2>&1 || die "no schema"
	psql -qX -v messages="${messages[$1]}" -v channels="${CHANNELS:-1000}" \
		-v people="${PEOPLE:-2000}" -f "$here/history.sql" "$(url "$1")"
	say "${messages[$1]} messages written in $((SECONDS - began)) s"
}

serve_history() {
	mkdir -p -m 700 "$work/run-$1"
	serve "$1" "$canaduck" RUN_DIR="$work/run-$1"
}

# Somebody new has a password that is known, and person_1 gets it too.
sign_in() {
	register "${ports[$1]}" >/dev/null
	psql -qX "$(url "$1")" -c "UPDATE users.accounts SET password_hash = r.password_hash
		FROM users.accounts AS r WHERE accounts.pseudo = 'person_1' AND r.pseudo = 'roger'"
	tokens[$1]=$(curl -sf "http://127.0.0.1:${ports[$1]}/login" -H 'content-type: application/json' \
		-d '{"pseudo": "person_1", "password": "coin-coin-42"}' |
		sed 's/.*"access_token":"\([^"]*\)".*/\1/') || die "person_1 cannot sign in"
}

# Counting anew is part of what a long history must not hold up.
rebuild() {
	local began
	began=$(date +%s%N)
	DB_URL=$(url "$1") RUN_DIR=$work/run-$1 "$canaduck" stats rebuild >>"$work/$1.log" 2>&1 ||
		die "the statistics cannot be counted anew"
	values[$1.rebuild]=$(awk -v ns=$(($(date +%s%N) - began)) 'BEGIN { printf "%.1f", ns / 1e9 }')
}

look_up() {
	values[$1.deep]=$(psql -qAtX "$(url "$1")" -c "SELECT id FROM messages.messages WHERE channel_id = 1
		ORDER BY id OFFSET (SELECT count(*) / 10 FROM messages.messages WHERE channel_id = 1) LIMIT 1")
	values[$1.answer]=$(psql -qAtX "$(url "$1")" -c "SELECT id FROM messages.messages WHERE reply_to = 1
		ORDER BY id OFFSET (SELECT count(*) / 2 FROM messages.messages WHERE reply_to = 1) LIMIT 1")
	values[$1.week]=$(date -u -d '7 days ago' +%Y-%m-%dT%H:%M:%SZ)
}

# ---- asking ----

# address HISTORY PATH: with its $words filled in.
address() {
	local path=$2 word
	for word in deep answer week; do
		path=${path//\$$word/${values[$1.$word]}}
	done
	printf 'http://127.0.0.1:%s%s' "${ports[$1]}" "$path"
}

# ask HISTORY PATH TIMES: "status seconds" a line, over one connection.
ask() {
	local i at args=()
	at=$(address "$1" "$2")
	for ((i = 0; i < $3; i++)); do
		args+=(-o /dev/null "$at")
	done
	curl -s -H "authorization: Bearer ${tokens[$1]}" -w '%{http_code} %{time_total}\n' "${args[@]}"
}

measure() {
	local round row title key path history
	for ((round = 1; round <= rounds; round++)); do
		say "round $round of $rounds"
		for row in "${cases[@]}"; do
			IFS='|' read -r title key path <<<"$row"
			for history in short long; do
				ask "$history" "$path" "$asked" |
					awk -v OFS='\t' -v t="$title" -v k="$key" -v h="$history" \
						'{ print t, k, h, $1, $2 * 1000 }' >>"$work/figures"
			done
		done
	done
}

# ---- plans ----

# By the eighth time a statement has the plan that it keeps.
read_plans() {
	local row title key path
	for row in "${cases[@]}"; do
		IFS='|' read -r title key path <<<"$row"
		ask long "$path" 7 >/dev/null
		plans_of "$title" ask long "$path" 1
	done
}

# ---- all of it ----

start_cluster
prepare_servers
for history in short long; do
	make_history "$history"
	serve_history "$history"
	sign_in "$history"
	rebuild "$history"
	look_up "$history"
done
measure
awk -v short="${messages[short]}" -v long="${messages[long]}" -f "$here/summary.awk" \
	-f "$here/history.awk" "$work/figures"
printf '\n`canaduck stats rebuild` took %s s and %s s.\n' "${values[short.rebuild]}" "${values[long.rebuild]}"
stop_server long
explain long
serve_history long
read_plans
show_plans
