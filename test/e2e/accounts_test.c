#include "test/e2e/e2e.h"

#include <stdlib.h>
#include <string.h>

static struct server server;

#define PASSWORD "\"password\":\"" E2E_PASSWORD "\""

static int start(void **state __attribute__((unused)))
{
	e2e_start(&server, NULL);
	return 0;
}

static int stop(void **state __attribute__((unused)))
{
	server_stop(&server);
	return 0;
}

static struct http_response send_registration(const char *body)
{
	return http_post(server.port, "/register", NULL, body);
}

/* ---- register ---- */

TEST(register_answers_with_the_account_and_a_pair_of_tokens)
{
	struct http_response r = send_registration(
	        "{\"pseudo\":\"shape\",\"email\":\"shape@example.org\"," PASSWORD "}");

	assert_http(r, 201);
	assert_string_equal(http_header(&r, "content-type"), "application/json");
	assert_keys(r, "", "tokens user");
	assert_keys(r, "tokens", "access_token refresh_token");
	assert_keys(r, "user",
	            "auth_provider created_at email handle id last_seen pseudo role roles status "
	            "updated_at");
	assert_true(http_int(&r, "user.id") > 0);
	assert_json_text(r, "user.auth_provider", "local");
	assert_json_text(r, "user.status", "online");
	assert_json(r, "user.role", "{\"id\":2,\"name\":\"ROLE_USER\"}");
	assert_json(r, "user.roles", "[\"user\"]");
	assert_time(r, "user.created_at");
	assert_time(r, "user.updated_at");
	assert_time(r, "user.last_seen");
	assert_true(strlen(http_text(&r, "tokens.refresh_token")) >= 43);
	assert_string_not_equal(http_text(&r, "tokens.access_token"),
	                        http_text(&r, "tokens.refresh_token"));
	http_response_free(&r);
}

TEST(register_takes_every_name_that_a_field_has)
{
	static const struct {
		const char *body, *pseudo, *handle, *email, *picture;
	} cases[] = {
	        {"{\"pseudo\":\"way.1\",\"email\":\"way1@example.org\"," PASSWORD "}", "way.1",
	         "@way.1", "way1@example.org", ""},
	        {"{\"handle\":\"way_2\",\"email\":\"way2@example.org\"," PASSWORD "}", "way_2",
	         "@way_2", "way2@example.org", ""},
	        {"{\"pseudo\":\"WAY-3\",\"email\":\"Way3@Example.ORG\"," PASSWORD "}", "way-3",
	         "@way-3", "Way3@Example.ORG", ""},
	        {"{\"pseudo\":\"way4\",\"email\":\"way4@example.org\"," PASSWORD
	         ",\"profile_picture\":\"https://example.org/4.png\"}",
	         "way4", "@way4", "way4@example.org", "https://example.org/4.png"},
	        {"{\"pseudo\":\"way5\",\"email\":\"way5@example.org\"," PASSWORD
	         ",\"profilePicture\":\"https://example.org/5.png\"}",
	         "way5", "@way5", "way5@example.org", "https://example.org/5.png"},
	        {"{\"pseudo\":\"way6\",\"email\":\"way6@example.org\"," PASSWORD
	         ",\"avatar\":\"http://example.org/6\"}",
	         "way6", "@way6", "way6@example.org", "http://example.org/6"},
	        {"{\"pseudo\":\"way7\",\"email\":\"way7@example.org\"," PASSWORD
	         ",\"avatar\":\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\"}",
	         "way7", "@way7", "way7@example.org", "data:image/gif;base64,R0lGODlhAQABAAAAACw="},
	        {"{\"pseudo\":\"way8\",\"email\":\"way8@example.org\"," PASSWORD
	         ",\"avatar\":\"\",\"unknown\":{\"field\":[1]}}",
	         "way8", "@way8", "way8@example.org", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = send_registration(cases[i].body);

		assert_http(r, 201);
		assert_json_text(r, "user.pseudo", cases[i].pseudo);
		assert_json_text(r, "user.handle", cases[i].handle);
		assert_json_text(r, "user.email", cases[i].email);
		assert_string_equal(http_text(&r, "user.profile_picture"), cases[i].picture);
		assert_int_equal(http_json(&r, "user.profile_picture") != NULL,
		                 *cases[i].picture != '\0');
		http_response_free(&r);
	}
}

TEST(register_names_what_is_taken)
{
	static const struct {
		const char *pseudo, *email, *details;
	} cases[] = {
	        {"taken", "other@example.org", "pseudo"},
	        {"TAKEN", "other@example.org", "pseudo"},
	        {"@taken", "other@example.org", "pseudo"},
	        {"other", "taken@example.org", "email"},
	        {"other", "Taken@EXAMPLE.org", "email"},
	        {"taken", "taken@example.org", "email pseudo"},
	        {"deleted", "other@example.org", "pseudo"},
	        {"Deleted", "other@example.org", "pseudo"},
	};

	e2e_register(&server, "taken");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r =
		        http_postf(server.port, "/register", NULL,
		                   "{\"pseudo\":\"%s\",\"email\":\"%s\"," PASSWORD "}",
		                   cases[i].pseudo, cases[i].email);

		assert_http_error(r, 409, "ALREADY_EXISTS");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

TEST(register_lists_all_faulty_fields_at_once)
{
	static const struct {
		const char *body, *details;
	} cases[] = {
	        {"{}", "pseudo email password"},
	        {"{\"pseudo\":\"\",\"email\":\"\",\"password\":\"\"}", "pseudo email password"},
	        {"{\"pseudo\":\"a b\",\"email\":\"a@b\",\"password\":\"short\",\"avatar\":\"x\"}",
	         "pseudo email password profile_picture"},
	        {"{\"pseudo\":\"fine\",\"email\":\"no\",\"password\":\"long enough\"}", "email"},
	        {"{\"pseudo\":\"me\",\"email\":\"a@example.org\",\"password\":\"long enough\"}",
	         "pseudo"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = send_registration(cases[i].body);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

/* n times the text; in static memory until the next call. */
static const char *times(const char *text, size_t n)
{
	static char out[256 * 1024];
	size_t      len = strlen(text);

	for (size_t i = 0; i < n; i++)
		memcpy(out + i * len, text, len);
	out[n * len] = '\0';
	return out;
}

TEST(a_name_has_3_to_32_characters_of_few)
{
	static const struct {
		const char *text;
		size_t      n;
		long        status;
	} cases[] = {
	        {"b", 2, 422},  {"b", 3, 201},         {"c", 32, 201}, {"d", 33, 422},
	        {"e ", 3, 422}, {"\xc3\xa9", 4, 422},  {"#x", 4, 422}, {"_-.", 3, 201},
	        {"x/", 3, 422}, {"\\u0000ab", 2, 400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_postf(
		        server.port, "/register", NULL,
		        "{\"pseudo\":\"%s\",\"email\":\"n%zu@example.org\"," PASSWORD "}",
		        times(cases[i].text, cases[i].n), i);

		assert_http(r, cases[i].status);
		http_response_free(&r);
	}
}

TEST(a_password_has_8_to_128_characters_not_bytes)
{
	static const struct {
		const char *text;
		size_t      n;
		long        status;
	} cases[] = {
	        {"x", 7, 422},          {"x", 8, 201},          {"x", 128, 201},
	        {"x", 129, 422},        {"\xc3\xa9", 7, 422},   {"\xf0\x9f\xa6\x86", 8, 201},
	        {"\xc3\xa9", 128, 201}, {"\xc3\xa9", 129, 422},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_postf(
		        server.port, "/register", NULL,
		        "{\"pseudo\":\"pass%zu\",\"email\":\"pass%zu@example.org\",\"password\":"
		        "\"%s\"}",
		        i, i, times(cases[i].text, cases[i].n));

		assert_http(r, cases[i].status);
		if (cases[i].status == 422)
			assert_details(r, "password");
		http_response_free(&r);
	}
}

TEST(a_picture_is_a_url_or_a_small_raster_image)
{
	/* "iVBORw0KGgo" and what follows is the signature of a PNG. */
	static const struct {
		const char *head, *text;
		size_t      n;
		long        status;
	} cases[] = {
	        {"https://example.org/", "a", 100, 201},
	        {"ftp://example.org/", "a", 1, 422},
	        {"javascript:alert(1)", "", 0, 422},
	        {"data:image/png;base64,iVBORw0KGgoAAAAA", "AAAA", 16, 201},
	        {"data:image/png;base64,iVBORw0KGgoAAAAA", "AAAA", 22000, 422},
	        {"data:image/png;base64,", "AAAA", 16, 422},
	        {"data:image/svg+xml;base64,", "PHN2", 1, 422},
	        {"data:image/png,iVBORw0KGgoAAAAA", "", 0, 422},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_postf(
		        server.port, "/register", NULL,
		        "{\"pseudo\":\"pict%zu\",\"email\":\"pict%zu@example.org\",\"avatar\":"
		        "\"%s%s\"," PASSWORD "}",
		        i, i, cases[i].head, times(cases[i].text, cases[i].n));

		assert_http(r, cases[i].status);
		if (cases[i].status == 422)
			assert_details(r, "profile_picture");
		http_response_free(&r);
	}
}

TEST(of_many_who_register_one_name_at_once_one_gets_it)
{
	enum { N = 32 };
	static struct http_pending pending[N];
	static char                bodies[N][256];
	struct http_response       answers[N];

	for (size_t i = 0; i < N; i++) {
		snprintf(bodies[i], sizeof bodies[i],
		         "{\"pseudo\":\"%s\",\"email\":\"racer%zu@example.org\"," PASSWORD "}",
		         i % 2 ? "racer" : "Racer", i);
		http_start(&pending[i], server.port,
		           &(struct http_request){
		                   .method = "POST", .path = "/register", .body = bodies[i]});
	}
	for (size_t i = 0; i < N; i++)
		answers[i] = http_finish(&pending[i]);
	assert_int_equal(e2e_count(answers, N, 201), 1);
	assert_int_equal(e2e_count(answers, N, 409), N - 1);
	for (size_t i = 0; i < N; i++) {
		if (answers[i].status == 409)
			assert_details(answers[i], "pseudo");
		http_response_free(&answers[i]);
	}
}

/* ---- login ---- */

TEST(login_takes_the_email_the_handle_or_the_pseudo)
{
	static const char *const names[] = {
	        "\"email\":\"login@example.org\"",
	        "\"email\":\"LOGIN@example.ORG\"",
	        "\"handle\":\"login\"",
	        "\"handle\":\"@login\"",
	        "\"pseudo\":\"login\"",
	        "\"pseudo\":\"LogIn\"",
	};
	struct e2e_account account = e2e_register(&server, "login");

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct http_response r =
		        http_postf(server.port, "/login", NULL, "{%s," PASSWORD "}", names[i]);
		struct http_response me;

		assert_http(r, 200);
		assert_keys(r, "", "access_token refresh_token token");
		assert_string_equal(http_text(&r, "token"), http_text(&r, "access_token"));
		me = http_get(server.port, "/users/me", http_text(&r, "token"));
		assert_http(me, 200);
		assert_int_equal(http_int(&me, "id"), account.id);
		http_response_free(&me);
		http_response_free(&r);
	}
}

TEST(every_login_opens_a_session_of_its_own)
{
	struct http_response first, second;

	e2e_register(&server, "twice");
	first = http_post(server.port, "/login", NULL, "{\"pseudo\":\"twice\"," PASSWORD "}");
	second = http_post(server.port, "/login", NULL, "{\"pseudo\":\"twice\"," PASSWORD "}");
	assert_http(first, 200);
	assert_http(second, 200);
	assert_string_not_equal(http_text(&first, "refresh_token"),
	                        http_text(&second, "refresh_token"));
	assert_string_not_equal(http_text(&first, "token"), http_text(&second, "token"));
	http_response_free(&first);
	http_response_free(&second);
}

TEST(an_unknown_account_and_a_wrong_password_are_told_alike)
{
	static const char *const bodies[] = {
	        "{\"pseudo\":\"alike\",\"password\":\"wrong wrong\"}",
	        "{\"pseudo\":\"nobody\",\"password\":\"wrong wrong\"}",
	        "{\"email\":\"alike@example.org\",\"password\":\"" E2E_PASSWORD " \"}",
	        "{\"email\":\"nobody@example.org\",\"password\":\"" E2E_PASSWORD "\"}",
	        "{\"handle\":\"@'; DROP TABLE accounts; --\",\"password\":\"x\"}",
	};
	char *first = NULL;

	e2e_register(&server, "alike");
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct http_response r = http_post(server.port, "/login", NULL, bodies[i]);
		char                *body;

		assert_http_error(r, 401, "UNAUTHENTICATED");
		json_object_del(r.json, "request_id");
		body = json_dumps(r.json, JSON_SORT_KEYS);
		if (first == NULL)
			first = strdup(body);
		assert_string_equal(body, first);
		free(body);
		http_response_free(&r);
	}
	free(first);
}

TEST(login_without_a_name_or_a_password_says_so)
{
	static const struct {
		const char *body, *details;
	} cases[] = {
	        {"{\"password\":\"something\"}", "email"},
	        {"{\"pseudo\":\"roger\"}", "password"},
	        {"", "password"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct http_response r = http_post(server.port, "/login", NULL, cases[i].body);

		assert_http_error(r, 422, "INVALID_ARGUMENT");
		assert_details(r, cases[i].details);
		http_response_free(&r);
	}
}

TEST(register_and_login_ignore_a_token_that_is_sent_along)
{
	struct http_response r =
	        http_post(server.port, "/register", "garbage",
	                  "{\"pseudo\":\"along\",\"email\":\"along@example.org\"," PASSWORD "}");

	assert_http(r, 201);
	http_response_free(&r);
	r = http_post(server.port, "/login", "garbage", "{\"pseudo\":\"along\"," PASSWORD "}");
	assert_http(r, 200);
	http_response_free(&r);
}

/* ---- me ---- */

TEST(users_me_is_the_account_as_it_was_registered)
{
	struct http_response r = send_registration(
	        "{\"pseudo\":\"myself\",\"email\":\"myself@example.org\"," PASSWORD
	        ",\"avatar\":\"https://example.org/me.png\"}");
	struct http_response me;

	assert_http(r, 201);
	me = http_get(server.port, "/users/me", http_text(&r, "tokens.access_token"));
	assert_http(me, 200);
	assert_json_text(me, "profile_picture", "https://example.org/me.png");
	/* Registering opened a session: last seen may have moved. */
	json_object_del(me.json, "last_seen");
	json_object_del(http_json(&r, "user"), "last_seen");
	assert_true(json_equal(me.json, http_json(&r, "user")));
	http_response_free(&me);
	http_response_free(&r);
}

TEST_MAIN(start, stop)
