#include "canaduck/messages/v1/messages.server.h"

#include "base/utf8.h"
#include "services/messages/conversation.h"
#include "services/messages/delivery.h"
#include "services/messages/events.h"
#include "services/messages/show.h"

DB_QUERY(select_place_of, "SELECT " MESSAGES_ROW_COLUMNS " FROM messages.messages WHERE id = $1");

DB_QUERY(insert_channel,
         "INSERT INTO messages.channels (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id");

/*
 * The message that it answers may go away meanwhile, and so may the channel, whose deletion waits
 * for this or is waited for: then there is no row.
 */
DB_QUERY(insert_in_channel,
         "WITH place AS (SELECT id FROM messages.channels"
         "                WHERE id = $1 AND NOT is_deleted FOR SHARE)"
         " INSERT INTO messages.messages (channel_id, account_id, text, reply_to)"
         " SELECT place.id, $2::int8, $3::text, $4::int8 FROM place"
         "  WHERE $4::int8 IS NULL OR EXISTS ("
         "    SELECT FROM messages.messages WHERE channel_id = $1 AND id = $4)"
         " RETURNING " MESSAGES_ROW_COLUMNS);

struct sending {
	struct rpc_call                     *call;
	const messages_send_message_request *req;
	struct messages_place                place;
	int64_t                              to_account_id; /* 0: to a channel */
	char                                *names[2];      /* who writes, and to whom or NULL */
	struct db_arg                        reply_to;
	struct messages_row                  row;
};

/* ---- what is asked for ---- */

/* Of channel and person one must be there; said together with what else is wrong. */
static status check_request(struct rpc_call *call, const messages_send_message_request *req)
{
	status st = rpc_call_reveal(call);

	if (st.code != CODE_OK && st.code != CODE_INVALID_ARGUMENT)
		return st;
	if (*req->channel == '\0' && *req->to == '\0')
		st = rpc_call_invalid(call, "channel", "is required, or else to");
	if (*req->channel != '\0' && *req->to != '\0')
		st = rpc_call_invalid(call, "to", "cannot stand beside channel");
	if (*req->to != '\0' && st.code == CODE_OK &&
	    utf8_count(str_c(req->text)) > MESSAGES_DELIVERY_MAX_TEXT)
		st = rpc_call_invalid(call, "text", "must be at most 1000 characters to a person");
	return st;
}

static status find_person(struct messages *app, struct sending *s)
{
	TRY(people_find_one(&app->people, s->call, s->req->to, &s->to_account_id));
	if (s->to_account_id == s->call->who.account_id)
		return rpc_call_invalid(s->call, "to", "must be somebody else");
	s->place = (struct messages_place){.can_write = true};
	return messages_conversation_find(app, &s->call->arena, s->call->who.account_id,
	                                  s->to_account_id, &s->place.conversation_id);
}

static status no_such_message(void)
{
	return status_error(CODE_NOT_FOUND, "no message of that number to answer to");
}

/* The message to answer must be in the same place; what the caller may not see is not there. */
static status check_reply(struct messages *app, struct sending *s)
{
	struct messages_row   row;
	struct messages_place other;
	struct db_rows       *rows;
	status                st;

	TRY(db_read(app->db, &s->call->arena, &select_place_of, DB_ARGS(s->reply_to), &rows));
	if (db_rows_count(rows) == 0)
		return no_such_message();
	messages_row_read(rows, 0, 0, &row);
	if (row.channel_id == s->place.channel_id &&
	    row.conversation_id == s->place.conversation_id)
		return STATUS_OK;
	st = messages_place_of(app, s->call, &row, &other);
	if (st.code == CODE_NOT_FOUND)
		return no_such_message();
	TRY(st);
	return rpc_call_invalid(s->call, "reply_to", "must be in the same place");
}

/* Before anything is written: what is done is answered, whoever is out of reach then. */
static status find_names(struct messages *app, struct sending *s)
{
	const int64_t ids[] = {s->call->who.account_id, s->to_account_id};

	return people_names(&app->people, s->call, ids, s->to_account_id ? 2 : 1, s->names);
}

/* ---- writing ---- */

static status insert_to_channel(struct db_tx *tx, struct sending *s, struct db_rows **out_rows)
{
	struct db_arg  args[] = {DB_I64(s->place.channel_id), DB_I64(s->call->who.account_id),
	                         DB_CSTR(s->req->text), s->reply_to};
	struct db_args all = {args, sizeof args / sizeof *args};

	TRY(db_tx_query(tx, &insert_in_channel, all, out_rows));
	if (db_rows_count(*out_rows))
		return STATUS_OK;
	/* The first that is written there, or one of the first. */
	TRY(db_tx_query(tx, &insert_channel, DB_ARGS(args[0]), NULL));
	return db_tx_query(tx, &insert_in_channel, all, out_rows);
}

static status send_to_person(struct db_tx *tx, struct sending *s)
{
	const struct messages_delivery d = {.call = s->call,
	                                    .conversation_id = s->place.conversation_id,
	                                    .to_account_id = s->to_account_id,
	                                    .text = s->req->text,
	                                    .reply_to = s->reply_to.i};

	return messages_delivery_write(tx, &d, &s->row);
}

static status send(struct db_tx *tx, void *arg)
{
	struct sending *s = arg;
	struct db_rows *rows;

	if (s->to_account_id)
		return send_to_person(tx, s);
	TRY(insert_to_channel(tx, s, &rows));
	if (db_rows_count(rows) == 0 && s->reply_to.type != DB_ARG_NULL)
		return no_such_message();
	if (db_rows_count(rows) == 0)
		return status_error(CODE_NOT_FOUND, "no channel of that name");
	messages_row_read(rows, 0, 0, &s->row);
	return messages_events_created(tx, &s->place, &s->row);
}

status messages_send_message(struct messages *app, struct rpc_call *call,
                             const messages_send_message_request *req,
                             messages_message                    *out_response)
{
	struct sending s = {.call = call, .req = req, .reply_to = DB_NULL};

	if (*req->channel != '\0' && *req->to == '\0')
		TRY(messages_place_find(app, call, req->channel, &s.place));
	TRY(check_request(call, req));
	if (*req->to != '\0')
		TRY(find_person(app, &s));
	if (messages_send_message_request_has_reply_to(req)) {
		s.reply_to = DB_I64(req->reply_to);
		TRY(check_reply(app, &s));
	}
	if (!s.place.can_write)
		return status_errorf(&call->arena, CODE_PERMISSION_DENIED, "%s", s.place.reason);
	TRY(find_names(app, &s));
	TRY(db_tx_run(app->db, &call->arena, send, &s));
	messages_show_new(call, &s.row, &s.place, s.names, out_response);
	return STATUS_OK;
}
