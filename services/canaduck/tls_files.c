#include "services/canaduck/tls_files.h"

#include "certs/check.h"
#include "services/canaduck/files.h"

#include <fcntl.h>

bool tls_files_are_given(const struct tls_files *files)
{
	return files->ca[0] && files->cert[0] && files->key[0];
}

static bool is_any_given(const struct tls_files *files)
{
	return files->ca[0] || files->cert[0] || files->key[0];
}

/* A file that cannot be read is a mistake, and an empty text. */
static const char *read_pem(const char *variable, const char *path, struct arena *a,
                            struct buf *mistakes)
{
	const char *pem = "";
	status      st = files_read(a, AT_FDCWD, path, &pem);

	if (st.code != CODE_OK)
		buf_printf(mistakes, "%s: %s\n", variable, st.msg);
	return pem;
}

static void check_pem(const char *variable, const char *path, status st, struct buf *mistakes)
{
	if (st.code != CODE_OK)
		buf_printf(mistakes, "%s: \"%s\" %s\n", variable, path, st.msg);
}

void tls_files_load(const struct tls_files *files, struct arena *a, struct rpc_tls *out_tls,
                    struct buf *mistakes)
{
	size_t before = mistakes->len;

	if (!tls_files_are_given(files)) {
		if (is_any_given(files))
			buf_put(mistakes, STR("RPC_TLS_CA_FILE: goes together with "
			                      "RPC_TLS_CERT_FILE and RPC_TLS_KEY_FILE\n"));
		return;
	}
	out_tls->ca = read_pem("RPC_TLS_CA_FILE", files->ca, a, mistakes);
	out_tls->cert = read_pem("RPC_TLS_CERT_FILE", files->cert, a, mistakes);
	out_tls->key = read_pem("RPC_TLS_KEY_FILE", files->key, a, mistakes);
	if (mistakes->len == before)
		check_pem("RPC_TLS_CA_FILE", files->ca, certs_check_ca(out_tls->ca), mistakes);
	if (mistakes->len > before)
		return;
	check_pem("RPC_TLS_CERT_FILE", files->cert, certs_check_cert(out_tls->cert, out_tls->ca),
	          mistakes);
	check_pem("RPC_TLS_KEY_FILE", files->key, certs_check_key(out_tls->key, out_tls->cert),
	          mistakes);
}

void tls_files_check_unneeded(const char *service, const char *urls, struct buf *mistakes)
{
	str rest = str_c(urls), url;

	while (str_next(&rest, ',', &url))
		if (str_starts(str_trim(url), STR("tls+")))
			buf_printf(mistakes,
			           "RPC_TLS_CA_FILE: is required by \"%.*s\", an address of %s\n",
			           STR_ARG(str_trim(url)), service);
}
