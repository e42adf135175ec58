#include "edge/internal.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "canaduck/channels/v1/channels.rpc.h"
#include "canaduck/messages/v1/messages.rpc.h"
#include "canaduck/users/v1/users.rpc.h"
#include "edge/respond.h"
#include "pbjson/pbjson.h"

/* As long a name as the services take. */
enum { LAST_MESSAGES = 10, MAX_NAME = 64, MAX_ANSWER = 4 * 1024 * 1024 };

struct fullinfo {
	struct rpc_pending               whois, config, list;
	users_whois_response            *user;
	channels_channel                *channel;
	messages_list_messages_response *messages;
	status                           user_status, channel_status, messages_status;
};

static status set_once(struct edge_exchange *ex, const char *field, str value, char **parameter)
{
	if (**parameter != '\0')
		return rpc_call_refuse(&ex->call, CODE_INVALID_ARGUMENT, field, "is given twice");
	*parameter = arena_cstr(&ex->call.arena, value);
	return STATUS_OK;
}

/* The query's parameters, which are required; copied, since the fiber will suspend. */
static status read_parameters(struct edge_exchange *ex, users_whois_request *whois,
                              channels_get_config_request *config)
{
	struct arena *a = &ex->call.arena;
	str           rest = ex->query, pair, name, value;

	while (str_next(&rest, '&', &pair)) {
		if (!str_cut(pair, '=', &name, &value))
			continue;
		TRY(httprule_decode(name, true, a, &name));
		TRY(httprule_decode(value, true, a, &value));
		if (str_eq(name, STR("user")))
			TRY(set_once(ex, "user", value, &whois->pseudo));
		else if (str_eq(name, STR("channel")))
			TRY(set_once(ex, "channel", value, &config->name));
	}
	return STATUS_OK;
}

/* Services would name a field that is not in the query. */
static status check_name(struct edge_exchange *ex, const char *field, const char *value, status st)
{
	if (value[0] == '\0')
		return rpc_call_invalid(&ex->call, field, "is required");
	if (utf8_count(str_c(value)) > MAX_NAME)
		return rpc_call_invalid(&ex->call, field, "must be at most 64 characters");
	return st;
}

static status check_parameters(struct edge_exchange *ex, const users_whois_request *whois,
                               const channels_get_config_request *config)
{
	status st = check_name(ex, "user", whois->pseudo, STATUS_OK);

	return check_name(ex, "channel", config->name, st);
}

static void ask(struct edge_exchange *ex, struct fullinfo *f, const users_whois_request *whois,
                const channels_get_config_request *config)
{
	struct edge                   *e = ex->edge;
	messages_list_messages_request list;

	messages_list_messages_request_init(&list);
	list.channel = config->name;
	messages_list_messages_request_set_limit(&list, LAST_MESSAGES);
	users_client_whois_start(edge_client(e, "users"), &ex->call, whois, &f->whois);
	channels_client_get_config_start(edge_client(e, "channels"), &ex->call, config, &f->config);
	messages_client_list_messages_start(edge_client(e, "messages"), &ex->call, &list, &f->list);
	f->user_status = users_client_whois_finish(&f->whois, &f->user);
	f->channel_status = channels_client_get_config_finish(&f->config, &f->channel);
	f->messages_status = messages_client_list_messages_finish(&f->list, &f->messages);
}

/* Out of reach, as against an answer that says no. */
static bool is_down(status st)
{
	return st.code == CODE_UNAVAILABLE || st.code == CODE_DEADLINE_EXCEEDED;
}

static status first_refusal(const struct fullinfo *f)
{
	const status all[] = {f->user_status, f->channel_status, f->messages_status};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].code != CODE_OK && !is_down(all[i]))
			return all[i];
	if (is_down(all[0]) && is_down(all[1]) && is_down(all[2]))
		return status_error(CODE_UNAVAILABLE,
		                    "users, channels and messages are unavailable");
	return STATUS_OK;
}

/* Who somebody is, without the list of channels. */
static status print_user(struct buf *out, const users_whois_response *user)
{
	static const char *const fields[] = {"pseudo", "status", "roles", "last_seen", "avatar"};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		buf_put(out, i ? STR(",\"") : STR("{\""));
		buf_put(out, str_c(fields[i]));
		buf_put(out, STR("\":"));
		TRY(pbjson_print_field(out, &user->base, &users_whois_response_schema, fields[i],
		                       &pbjson_public));
	}
	buf_put_c(out, '}');
	return STATUS_OK;
}

static void print_unavailable(struct buf *out, const struct fullinfo *f)
{
	const status             all[] = {f->user_status, f->channel_status, f->messages_status};
	static const char *const names[] = {"users", "channels", "messages"};
	unsigned                 count = 0;

	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		if (all[i].code == CODE_OK)
			continue;
		buf_put(out, count++ ? STR(",") : STR(",\"unavailable\":["));
		pbjson_print_string(out, str_c(names[i]));
	}
	if (count)
		buf_put_c(out, ']');
}

static status print(struct buf *out, const struct fullinfo *f)
{
	buf_put(out, STR("{\"user\":"));
	if (f->user_status.code == CODE_OK)
		TRY(print_user(out, f->user));
	else
		buf_put(out, STR("null"));
	buf_put(out, STR(",\"channel\":"));
	if (f->channel_status.code == CODE_OK)
		TRY(pbjson_print(out, &f->channel->base, &channels_channel_schema, &pbjson_public));
	else
		buf_put(out, STR("null"));
	buf_put(out, STR(",\"last_messages\":"));
	if (f->messages_status.code == CODE_OK)
		TRY(pbjson_print_field(out, &f->messages->base,
		                       &messages_list_messages_response_schema, "messages",
		                       &pbjson_public));
	else
		buf_put(out, STR("null"));
	print_unavailable(out, f);
	buf_put_c(out, '}');
	return buf_status(out);
}

status edge_fullinfo(struct edge_exchange *ex)
{
	struct fullinfo             f = {0};
	users_whois_request         whois;
	channels_get_config_request config;
	AUTO(buf_fini) struct buf   out = {.ceiling = MAX_ANSWER};
	status                      st;

	users_whois_request_init(&whois);
	channels_get_config_request_init(&config);
	st = read_parameters(ex, &whois, &config);
	if (st.code != CODE_OK) {
		edge_respond_error(ex, st, 400);
		return STATUS_OK;
	}
	TRY(check_parameters(ex, &whois, &config));
	ask(ex, &f, &whois, &config);
	TRY(first_refusal(&f));
	TRY(print(&out, &f));
	edge_respond(ex, 200, "application/json", buf_str(&out));
	return STATUS_OK;
}
