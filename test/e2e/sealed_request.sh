#!/usr/bin/env bash
# Packs a canaduck.rpc.v1.Request without a payload, its identity sealed by JWT_SECRET: what a client
# in another language does for methods that are not for everybody.
# usage: sealed_request.sh METHOD WHO, such as 'kind: KIND_SERVICE name: "reports"'
set -euo pipefail
cd "$(dirname "$0")/../.."

encode() { protoc -I proto "--encode=canaduck.rpc.v1.$1" canaduck/rpc/v1/envelope.proto; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { printf "$(sed 's/../\\x&/g' <<<"$1")"; }
# As the text format of protobuf writes bytes.
quoted() { od -An -v -to1 | tr -d '\n' | sed 's/ /\\/g'; }

key=$(openssl kdf -binary -keylen 32 -kdfopt digest:SHA256 -kdfopt "key:$JWT_SECRET" \
	-kdfopt 'info:identity v1' HKDF | hex)
key_id=$(bytes "$key" | openssl dgst -sha256 -binary | head -c 4 | hex)
now=$(date +%s)
identity=$(mktemp)
trap 'rm -f "$identity"' EXIT
encode Identity >"$identity" <<END
key_id: 0x$key_id audience: "canaduck" issued_time: $now expire_time: $((now + 60)) $2
END
mac=$({ bytes "$key_id" && cat "$identity"; } |
	openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | quoted)
encode Request <<END
method: "$1" timeout_ms: 5000 identity: "$(quoted <"$identity")" mac: "$mac"
END
