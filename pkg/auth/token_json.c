#include "auth/token_json.h"

#include "base/mem.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *role_claim(const struct token_claims *claims)
{
	for (unsigned i = 0; i < claims->n_roles; i++)
		if (str_eq(claims->roles[i], STR("admin")))
			return "ROLE_ADMIN";
	return "ROLE_USER";
}

static void sub_claim(int64_t account_id, char out[static 24])
{
	snprintf(out, 24, "%" PRId64, account_id);
}

static int append(const char *text, size_t n, void *data)
{
	buf_put_bytes(data, text, n);
	return 0;
}

bool token_json_print_claims(struct buf *b, const struct token_claims *claims)
{
	AUTO(json_decrefp) json_t *all = NULL;
	json_t                    *roles = json_array();
	char                       sub[24];

	for (unsigned i = 0; i < claims->n_roles; i++)
		if (json_array_append_new(
		            roles, json_stringn(claims->roles[i].ptr, claims->roles[i].len)) != 0) {
			json_decref(roles);
			return false;
		}
	sub_claim(claims->account_id, sub);
	/* "o" takes over the reference, also when packing fails. */
	all = json_pack("{s:s, s:I, s:s%, s:s, s:o, s:I, s:I, s:I}", "sub", sub, "userId",
	                (json_int_t)claims->account_id, "pseudo", claims->pseudo.ptr,
	                claims->pseudo.len, "role", role_claim(claims), "roles", roles, "sid",
	                (json_int_t)claims->session_id, "iat", (json_int_t)claims->issued_time,
	                "exp", (json_int_t)claims->expire_time);
	return all && json_dump_callback(all, append, b, JSON_COMPACT) == 0;
}

static json_t *parse_object(str text)
{
	json_t *json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

bool token_json_is_hs256(str header)
{
	AUTO(json_decrefp) json_t *json = parse_object(header);
	const char                *alg = json_string_value(json_object_get(json, "alg"));

	return alg && strcmp(alg, "HS256") == 0 && !json_object_get(json, "crit");
}

/* An integer from min on; 1.0 and "1" are none. */
static bool get_int(const json_t *json, const char *name, int64_t min, int64_t *out)
{
	const json_t *value = json_object_get(json, name);

	if (!json_is_integer(value) || json_integer_value(value) < min)
		return false;
	*out = json_integer_value(value);
	return true;
}

/* A string that is not empty, borrowed. */
static bool get_text(const json_t *value, str *out)
{
	*out = (str){json_string_value(value), json_string_length(value)};
	return out->len > 0;
}

static bool get_roles(const json_t *json, struct arena *a, struct token_claims *claims)
{
	const json_t *array = json_object_get(json, "roles");
	size_t        n = json_array_size(array);
	str          *roles;

	if (!json_is_array(array) || n > TOKEN_MAX_ROLES)
		return false;
	roles = arena_alloc(a, n * sizeof *roles);
	for (size_t i = 0; i < n; i++) {
		if (!get_text(json_array_get(array, i), &roles[i]))
			return false;
		roles[i] = arena_dup(a, roles[i]);
	}
	claims->roles = roles;
	claims->n_roles = (unsigned)n;
	return true;
}

/* sub says the same as userId, role as roles: nobody may read one claim and be told another. */
static bool is_consistent(const json_t *json, const struct token_claims *claims)
{
	char expected[24];
	str  sub, role;

	sub_claim(claims->account_id, expected);
	return get_text(json_object_get(json, "sub"), &sub) && str_eq(sub, str_c(expected)) &&
	       get_text(json_object_get(json, "role"), &role) &&
	       str_eq(role, str_c(role_claim(claims)));
}

static bool get_not_before(const json_t *json, int64_t *out)
{
	*out = INT64_MIN;
	return !json_object_get(json, "nbf") || get_int(json, "nbf", 0, out);
}

bool token_json_parse_claims(str payload, struct arena *a, struct token_claims *out_claims,
                             int64_t *out_not_before)
{
	AUTO(json_decrefp) json_t *json = parse_object(payload);
	struct token_claims        claims = {0};
	int64_t                    not_before;

	if (!get_int(json, "userId", 1, &claims.account_id) ||
	    !get_int(json, "sid", 1, &claims.session_id) ||
	    !get_int(json, "iat", 0, &claims.issued_time) ||
	    !get_int(json, "exp", 0, &claims.expire_time) || !get_not_before(json, &not_before) ||
	    !get_text(json_object_get(json, "pseudo"), &claims.pseudo) ||
	    !get_roles(json, a, &claims) || !is_consistent(json, &claims))
		return false;
	claims.pseudo = arena_dup(a, claims.pseudo);
	*out_claims = claims;
	*out_not_before = not_before;
	return true;
}
