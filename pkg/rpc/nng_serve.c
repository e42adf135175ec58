#include "rpc/nng_serve.h"

#include "rpc/nng_socket.h"
#include "rpc/nng_tls.h"

enum { IPC_MODE = 0600 };

/* ---- on nng's threads ---- */

static void on_pipe_coming(nng_pipe pipe, nng_pipe_ev ev __attribute__((unused)), void *arg)
{
	struct rpc_nng_socket *s = arg;
	const uint32_t         id = (uint32_t)nng_pipe_id(pipe);
	bool                   is_shut;

	pthread_mutex_lock(&s->mutex);
	is_shut = s->is_shut;
	pthread_mutex_unlock(&s->mutex);
	if (is_shut)
		nng_pipe_close(pipe);
	else
		rpc_nng_push(s, (struct rpc_nng_event){.kind = RPC_NNG_CONNECTED, .pipe = id});
}

static void on_pipe_removed(nng_pipe pipe, nng_pipe_ev ev __attribute__((unused)), void *arg)
{
	rpc_nng_push(arg, (struct rpc_nng_event){.kind = RPC_NNG_DISCONNECTED,
	                                         .pipe = (uint32_t)nng_pipe_id(pipe)});
}

/* ---- on the loop's ---- */

status rpc_nng_serve(struct rpc_nng_socket *s, const char *url, const struct rpc_tls *tls)
{
	nng_listener listener;
	int          error;

	error = nng_pipe_notify(s->nng, NNG_PIPE_EV_ADD_PRE, on_pipe_coming, s);
	if (error == 0)
		error = nng_pipe_notify(s->nng, NNG_PIPE_EV_REM_POST, on_pipe_removed, s);
	if (error == 0)
		error = nng_listener_create(&listener, s->nng, url);
	if (error == 0 && rpc_nng_is_network(url))
		error = nng_listener_set_bool(listener, NNG_OPT_TCP_KEEPALIVE, true);
	else if (error == 0)
		error = nng_listener_set_int(listener, NNG_OPT_IPC_PERMISSIONS, IPC_MODE);
	if (error == 0 && rpc_nng_is_tls(url))
		TRY(rpc_nng_tls_listen(listener, tls));
	if (error == 0)
		error = nng_listener_start(listener, 0);
	return rpc_nng_status(error);
}

void rpc_nng_shut(struct rpc_nng_socket *s)
{
	pthread_mutex_lock(&s->mutex);
	s->is_shut = true;
	pthread_mutex_unlock(&s->mutex);
}
