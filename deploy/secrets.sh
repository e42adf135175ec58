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
put identity_key "$(random)"
put postgres_password "$(random)"
for service in users channels messages stats incidents; do
	put "${service}_db_url" "postgresql://canaduck_$service:$(random)@postgres/canaduck"
done

# make_certificate NAME ARGUMENT...: NAME_cert and NAME_key, by openssl req.
make_certificate() {
	name=$1
	shift
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-keyout "${name}_key" -out "${name}_cert" "$@" 2>/dev/null || {
		echo "secrets.sh: openssl cannot make a certificate; put one in secrets/${name}_cert and _key" >&2
		exit 1
	}
}

# By these the parts know each other. They are made together: nobody keeps the authority's key.
if [ ! -s rpc_ca ]; then
	make_certificate rpc_ca -days 3650 -subj /CN=canaduck \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
	for part in users channels messages stats incidents edge; do
		make_certificate "${part}_rpc" -days 3650 -subj "/CN=$part" -CA rpc_ca_cert -CAkey rpc_ca_key \
			-addext "subjectAltName=DNS:$part" -addext basicConstraints=critical,CA:FALSE \
			-addext extendedKeyUsage=serverAuth,clientAuth
	done
	rm rpc_ca_key
	mv rpc_ca_cert rpc_ca
fi

# Nobody trusts this certificate: put a real one in its place.
if [ ! -s tls_cert ] || [ ! -s tls_key ]; then
	make_certificate tls -days 365 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost,IP:127.0.0.1'
fi
chmod 644 ./*
