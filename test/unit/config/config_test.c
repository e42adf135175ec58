#include "config/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "test/support/test.h"

struct settings {
	const char *url;
	const char *key;
	const char *note;
	uint32_t    port;
	uint32_t    level;
	bool        is_on;
};

static const char *const levels[] = {"debug", "info", "warn", NULL};

static const struct config_field fields[] = {
        CONFIG_STR(struct settings, url, "T_URL", NULL, "where the pond is"),
        CONFIG_SECRET(struct settings, key, "T_KEY", "", 4, "key of the pond"),
        CONFIG_STR(struct settings, note, "T_NOTE", "quack", "what to say"),
        CONFIG_U32(struct settings, port, "T_PORT", 8080, 1, 65535, "port to listen on"),
        CONFIG_ENUM(struct settings, level, "T_LEVEL", "info", levels, "how much to tell"),
        CONFIG_BOOL(struct settings, is_on, "T_ON", "true", "swim"),
        {0},
};

/* A change of the environment: an unset variable where value is NULL. */
struct change {
	const char *name, *value;
};

static void set(const char *name, const char *value)
{
	if (value)
		assert_int_equal(setenv(name, value, 1), 0);
	else
		assert_int_equal(unsetenv(name), 0);
}

/* Loads with T_URL and the changes set, and nothing else; the mistakes as a C string. */
static void load(const struct change *changes, size_t n, struct settings *out, struct buf *mistakes)
{
	static const char *const all[] = {"T_KEY",  "T_KEY_FILE", "T_NOTE", "T_NOTE_FILE",
	                                  "T_PORT", "T_LEVEL",    "T_ON",   "T_URL_FILE"};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		set(all[i], NULL);
	set("T_URL", "pond:1");
	for (size_t i = 0; i < n; i++)
		set(changes[i].name, changes[i].value);
	memset(out, 0xff, sizeof *out);
	buf_init(mistakes, 10000);
	config_load(fields, out, mistakes);
	buf_put_c(mistakes, '\0');
}

TEST(defaults_hold_where_nothing_is_set)
{
	struct settings           s;
	AUTO(buf_fini) struct buf mistakes;

	load(NULL, 0, &s, &mistakes);
	assert_string_equal(mistakes.ptr, "");
	assert_string_equal(s.url, "pond:1");
	assert_string_equal(s.key, "");
	assert_string_equal(s.note, "quack");
	assert_int_equal(s.port, 8080);
	assert_int_equal(s.level, 1);
	assert_true(s.is_on);
}

TEST(values_come_from_the_environment_and_outlive_it)
{
	static const struct change changes[] = {
	        {"T_KEY", "12345"},  {"T_NOTE", ""}, {"T_PORT", "65535"},
	        {"T_LEVEL", "warn"}, {"T_ON", "0"},
	};
	struct settings           s;
	AUTO(buf_fini) struct buf mistakes;

	load(changes, sizeof changes / sizeof *changes, &s, &mistakes);
	assert_string_equal(mistakes.ptr, "");
	set("T_KEY", "overwritten");
	set("T_KEY", NULL);
	assert_string_equal(s.key, "12345");
	assert_string_equal(s.note, "");
	assert_int_equal(s.port, 65535);
	assert_int_equal(s.level, 2);
	assert_false(s.is_on);
}

TEST(a_wrong_value_is_named_without_being_shown)
{
	static const struct {
		struct change change;
		const char   *mistake;
	} cases[] = {
	        {{"T_URL", NULL}, "T_URL: must be set (where the pond is)\n"},
	        {{"T_URL", ""}, "T_URL: must be set (where the pond is)\n"},
	        {{"T_KEY", "abc"}, "T_KEY: must be 4 to 4096 bytes\n"},
	        {{"T_KEY", ""}, "T_KEY: must be 4 to 4096 bytes\n"},
	        {{"T_PORT", "0"}, "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_PORT", "65536"}, "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_PORT", "99999999999999999999"},
	         "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_PORT", "8080x"}, "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_PORT", " 8080"}, "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_PORT", "-1"}, "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_PORT", ""}, "T_PORT: must be a whole number from 1 to 65535\n"},
	        {{"T_LEVEL", "loud"}, "T_LEVEL: must be one of debug, info, warn\n"},
	        {{"T_LEVEL", "INFO"}, "T_LEVEL: must be one of debug, info, warn\n"},
	        {{"T_ON", "yes"}, "T_ON: must be true or false\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings           s;
		AUTO(buf_fini) struct buf mistakes;

		load(&cases[i].change, 1, &s, &mistakes);
		assert_string_equal(mistakes.ptr, cases[i].mistake);
		assert_non_null(s.url);
		assert_int_equal(s.port, 8080);
	}
}

TEST(all_mistakes_are_told_together)
{
	static const struct change changes[] = {{"T_URL", NULL}, {"T_PORT", "x"}, {"T_ON", "2"}};
	struct settings            s;
	AUTO(buf_fini) struct buf  mistakes;

	load(changes, 3, &s, &mistakes);
	assert_string_equal(mistakes.ptr, "T_URL: must be set (where the pond is)\n"
	                                  "T_PORT: must be a whole number from 1 to 65535\n"
	                                  "T_ON: must be true or false\n");
}

TEST(a_string_longer_than_its_limit_is_refused)
{
	static char     text[4098];
	struct settings s;

	memset(text, 'x', 4096);
	for (int extra = 0; extra < 2; extra++) {
		struct change             change = {"T_NOTE", text};
		AUTO(buf_fini) struct buf mistakes;

		text[4095 + extra] = 'x';
		load(&change, 1, &s, &mistakes);
		assert_string_equal(mistakes.ptr,
		                    extra ? "T_NOTE: must be at most 4096 bytes\n" : "");
	}
}

/* The path of a file with the bytes; removed by the caller. */
static void write_file(char *path, const void *bytes, size_t n)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

TEST(a_secret_comes_from_a_file_without_its_last_newline)
{
	static char long_text[8000];
	static const struct {
		const char *bytes;
		size_t      n;
		const char *key; /* NULL: a mistake */
	} cases[] = {
	        {"secret", 6, "secret"},
	        {"secret\n", 7, "secret"},
	        {"secret\n\n", 8, "secret\n"},
	        {" secret ", 8, " secret "},
	        {"abc\n", 4, NULL},
	        {"\n", 1, NULL},
	        {"", 0, NULL},
	        {"sec\0ret", 7, NULL},
	        {long_text, 4097, NULL},
	        {long_text, sizeof long_text, NULL},
	};

	memset(long_text, 'x', sizeof long_text);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char                      path[] = "/tmp/config_test.XXXXXX";
		struct change             change = {"T_KEY_FILE", path};
		struct settings           s;
		AUTO(buf_fini) struct buf mistakes;

		write_file(path, cases[i].bytes, cases[i].n);
		load(&change, 1, &s, &mistakes);
		unlink(path);
		if (cases[i].key) {
			assert_string_equal(mistakes.ptr, "");
			assert_string_equal(s.key, cases[i].key);
		} else {
			assert_true(str_starts(buf_str(&mistakes), STR("T_KEY")));
			assert_string_equal(s.key, "");
		}
	}
}

TEST(a_secret_set_twice_or_unreadable_is_a_mistake)
{
	static const struct {
		struct change changes[2];
		const char   *mistake;
	} cases[] = {
	        {{{"T_KEY", "12345"}, {"T_KEY_FILE", "/dev/null"}},
	         "T_KEY: set it or T_KEY_FILE, not both\n"},
	        {{{"T_KEY", ""}, {"T_KEY_FILE", ""}}, "T_KEY: set it or T_KEY_FILE, not both\n"},
	        {{{"T_KEY_FILE", "/nowhere/key"}, {"T_NOTE", NULL}},
	         "T_KEY_FILE: cannot read \"/nowhere/key\": No such file or directory\n"},
	        {{{"T_KEY_FILE", "/tmp"}, {"T_NOTE", NULL}},
	         "T_KEY_FILE: cannot read \"/tmp\": Is a directory\n"},
	        {{{"T_KEY_FILE", "/dev/zero"}, {"T_NOTE", NULL}},
	         "T_KEY_FILE: cannot read \"/dev/zero\": File too large\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings           s;
		AUTO(buf_fini) struct buf mistakes;

		load(cases[i].changes, 2, &s, &mistakes);
		assert_string_equal(mistakes.ptr, cases[i].mistake);
	}
}

TEST(only_a_secret_comes_from_a_file)
{
	static const struct change change = {"T_NOTE_FILE", "/nowhere"};
	struct settings            s;
	AUTO(buf_fini) struct buf  mistakes;

	load(&change, 1, &s, &mistakes);
	assert_string_equal(mistakes.ptr, "");
	assert_string_equal(s.note, "quack");
}

TEST(values_print_with_secrets_hidden)
{
	static const struct change change = {"T_KEY", "hush-hush"};
	struct settings            s;
	AUTO(buf_fini) struct buf  mistakes, out;

	load(&change, 1, &s, &mistakes);
	buf_init(&out, 10000);
	config_print_values(fields, &s, &out);
	assert_str(buf_str(&out), "T_URL=pond:1\nT_KEY=***\nT_NOTE=quack\nT_PORT=8080\n"
	                          "T_LEVEL=info\nT_ON=true\n");
}

TEST(help_prints_the_table)
{
	AUTO(buf_fini) struct buf out;

	buf_init(&out, 10000);
	config_print_help(fields, &out);
	assert_str(buf_str(&out),
	           "  T_URL                         (required)          where the pond is\n"
	           "  T_KEY[_FILE]                  -                   key of the pond"
	           " (4 to 4096 bytes)\n"
	           "  T_NOTE                        quack               what to say\n"
	           "  T_PORT                        8080                port to listen on"
	           " (a whole number from 1 to 65535)\n"
	           "  T_LEVEL                       info                how much to tell"
	           " (one of debug, info, warn)\n"
	           "  T_ON                          true                swim (true or false)\n");
}

TEST_MAIN()
