#include "services/users/change.h"

struct change {
	struct rpc_call *call;
	status (*body)(struct db_tx *tx, void *arg);
	void *arg;
};

static status run(struct db_tx *tx, void *arg)
{
	struct change *c = arg;

	c->call->session_changes = NULL;
	return c->body(tx, c->arg);
}

status users_change_run(struct users *app, struct rpc_call                *call,
                        status (*body)(struct db_tx *tx, void *arg), void *arg)
{
	struct change c = {call, body, arg};
	status        st = db_tx_run(app->db, &call->arena, run, &c);

	if (st.code != CODE_OK)
		call->session_changes = NULL;
	return st;
}
