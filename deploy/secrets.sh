#!/bin/sh
# Makes the secrets that compose.yaml hands out, in secrets/ beside it. What is there stays.
#
# Each container reads its secrets as a user of its own, so the files are open to all: it is the
# folder that is closed to others on this host.
set -eu
cd "$(dirname "$0")/.."
umask 077
mkdir -p secrets
chmod 700 secrets
cd secrets

random() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE TEXT
put() {
	[ ! -s "$1" ] || return 0
	printf '%s\n' "$2" >"$1.new"
	mv "$1.new" "$1"
}

put jwt_secret "$(random)"
put postgres_password "$(random)"
for service in users channels messages; do
	put "${service}_db_url" "postgresql://canaduck_$service:$(random)@postgres/canaduck"
done

# Nobody trusts this certificate: put a real one in its place.
if [ ! -s tls_cert ] || [ ! -s tls_key ]; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
		-subj /CN=localhost -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' \
		-keyout tls_key -out tls_cert 2>/dev/null || {
		echo "secrets.sh: openssl cannot make a certificate; put one in secrets/tls_cert and tls_key" >&2
		exit 1
	}
fi
chmod 644 ./*
