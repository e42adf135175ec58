#include "log/log.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "test/support/test.h"

#define TIME "2026-11-21T10:00:00.000Z"

/* What goes to stderr between start and end lands in `text`. */
struct capture {
	int        saved_stderr, file;
	struct buf text;
};

static void capture_start(struct capture *c)
{
	char path[] = "/tmp/log_test.XXXXXX";

	c->file = mkstemp(path);
	assert_true(c->file >= 0);
	unlink(path);
	c->saved_stderr = dup(STDERR_FILENO);
	assert_true(dup2(c->file, STDERR_FILENO) >= 0);
	assert_int_equal(fcntl(c->file, F_SETFL, O_APPEND), 0);
	buf_init(&c->text, 16 << 20);
}

static void capture_end(struct capture *c)
{
	ssize_t n;

	dup2(c->saved_stderr, STDERR_FILENO);
	close(c->saved_stderr);
	lseek(c->file, 0, SEEK_SET);
	while ((n = read(c->file, buf_reserve(&c->text, 65536), 65536)) > 0)
		buf_commit(&c->text, (size_t)n);
	close(c->file);
}

/* Checks the form of the time and cuts it out of a line: the rest is what a test compares. */
static str without_time(str line, str before)
{
	assert_true(str_starts(line, before));
	line = str_from(line, before.len);
	assert_true(line.len > strlen(TIME));
	for (size_t i = 0; i < strlen(TIME); i++) {
		bool is_digit = line.ptr[i] >= '0' && line.ptr[i] <= '9';

		assert_true(is_digit == (TIME[i] >= '0' && TIME[i] <= '9'));
		assert_true(is_digit || line.ptr[i] == TIME[i]);
	}
	return str_from(line, strlen(TIME));
}

static void assert_line(struct capture *c, enum log_format format, const char *rest)
{
	capture_end(c);
	assert_str(without_time(buf_str(&c->text),
	                        format == LOG_JSON ? STR("{\"time\":\"") : STR("time=")),
	           rest);
	buf_fini(&c->text);
}

TEST(a_logfmt_line_has_time_level_message_and_pairs)
{
	struct capture c;

	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_start(&c);
	log_warn("relay is behind", LOG_U64("pending", UINT64_MAX), LOG_MS("oldest", -5),
	         LOG_US("took", 7), LOG_BOOL("ok", true), LOG_STR("who", STR("bob")),
	         LOG_CODE(status_error(CODE_NOT_FOUND, "no such duck")),
	         LOG_REASON(status_error(CODE_NOT_FOUND, "no such duck")));
	assert_line(&c, LOG_LOGFMT,
	            " level=warn msg=\"relay is behind\" pending=18446744073709551615"
	            " oldest_ms=-5 took_us=7 ok=true who=bob code=NOT_FOUND"
	            " reason=\"no such duck\"\n");
}

TEST(a_json_line_has_the_same)
{
	struct capture c;

	log_setup(LOG_INFO, LOG_JSON);
	capture_start(&c);
	log_error("it broke", LOG_I64("n", INT64_MIN), LOG_BOOL("ok", false),
	          LOG_CSTR("none", NULL));
	assert_line(&c, LOG_JSON,
	            "\",\"level\":\"error\",\"msg\":\"it broke\",\"n\":-9223372036854775808,"
	            "\"ok\":false,\"none\":\"\"}\n");
}

TEST(a_line_without_pairs_is_fine)
{
	struct capture c;

	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_start(&c);
	log_info("ready");
	assert_line(&c, LOG_LOGFMT, " level=info msg=ready\n");
}

TEST(values_are_escaped_so_that_nothing_of_a_peers_breaks_a_line)
{
	static const struct {
		str         value;
		const char *logfmt, *quoted; /* logfmt NULL: as quoted */
	} cases[] = {
	        {{"plain", 5}, "plain", "\"plain\""},
	        {{"", 0}, NULL, "\"\""},
	        {{NULL, 0}, NULL, "\"\""},
	        {{"two words", 9}, NULL, "\"two words\""},
	        {{"a=b", 3}, NULL, "\"a=b\""},
	        {{"say \"hi\"", 8}, NULL, "\"say \\\"hi\\\"\""},
	        {{"back\\slash", 10}, NULL, "\"back\\\\slash\""},
	        {{"x\r\nlevel=error", 14}, NULL, "\"x\\r\\nlevel=error\""},
	        {{"tab\t", 4}, NULL, "\"tab\\t\""},
	        {{"nul\0nul", 7}, NULL, "\"nul\\u0000nul\""},
	        {{"\x1b[31m", 5}, NULL, "\"\\u001b[31m\""},
	        {{"\x7f", 1}, NULL, "\"\\u007f\""},
	        {{"\xc3\xa9", 2}, NULL, "\"\xc3\xa9\""},
	        {{"\xf0\x9f\xa6\x86", 4}, NULL, "\"\xf0\x9f\xa6\x86\""},
	        {{"\xc2\x9b", 2}, NULL, "\"\\u009b\""},
	        {{"\xe2\x80\xa8\xe2\x80\xa9", 6}, NULL, "\"\\u2028\\u2029\""},
	        {{"a\xff", 2}, NULL, "\"a\\ufffd\""},
	        {{"\xc0\xaf", 2}, NULL, "\"\\ufffd\\ufffd\""},
	        {{"\xe2\x82", 2}, NULL, "\"\\ufffd\\ufffd\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct capture c;
		struct buf     expected;

		buf_init(&expected, 1000);
		log_setup(LOG_INFO, LOG_LOGFMT);
		capture_start(&c);
		log_info("m", LOG_STR("k", cases[i].value));
		buf_printf(&expected, " level=info msg=m k=%s\n",
		           cases[i].logfmt ? cases[i].logfmt : cases[i].quoted);
		buf_put_c(&expected, '\0');
		assert_line(&c, LOG_LOGFMT, expected.ptr);

		buf_reset(&expected);
		log_setup(LOG_INFO, LOG_JSON);
		capture_start(&c);
		log_info("m", LOG_STR("k", cases[i].value));
		buf_printf(&expected, "\",\"level\":\"info\",\"msg\":\"m\",\"k\":%s}\n",
		           cases[i].quoted);
		buf_put_c(&expected, '\0');
		assert_line(&c, LOG_JSON, expected.ptr);
		buf_fini(&expected);
	}
}

TEST(a_double_that_json_cannot_say_is_null)
{
	const struct log_pair pairs[] = {
	        {.key = "half", .type = LOG_PAIR_DOUBLE, .d = 0.5},
	        {.key = "inf", .type = LOG_PAIR_DOUBLE, .d = (double)INFINITY},
	};
	struct capture c;

	log_setup(LOG_INFO, LOG_JSON);
	capture_start(&c);
	log_write(LOG_INFO, "m", pairs, 2);
	assert_line(&c, LOG_JSON,
	            "\",\"level\":\"info\",\"msg\":\"m\",\"half\":0.5,\"inf\":null}\n");
}

TEST(levels_below_the_threshold_are_silent)
{
	static const struct {
		enum log_level threshold;
		size_t         lines;
	} cases[] = {{LOG_DEBUG, 4}, {LOG_INFO, 3}, {LOG_WARN, 2}, {LOG_ERROR, 1}, {LOG_OFF, 0}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct capture c;
		size_t         lines = 0;

		log_setup(cases[i].threshold, LOG_LOGFMT);
		capture_start(&c);
		log_debug("d");
		log_info("i");
		log_warn("w");
		log_error("e");
		capture_end(&c);
		for (size_t at = 0; at < c.text.len; at++)
			lines += c.text.ptr[at] == '\n';
		assert_int_equal(lines, cases[i].lines);
		buf_fini(&c.text);
	}
	assert_false(log_is_on(LOG_ERROR));
}

/* Every quote that opens is closed: those behind a backslash do not count. */
static bool has_all_quotes_closed(str line)
{
	bool is_open = false;

	for (size_t i = 0; i < line.len; i++) {
		if (line.ptr[i] == '\\')
			i++;
		else if (line.ptr[i] == '"')
			is_open = !is_open;
	}
	return !is_open;
}

static void assert_cut_well(enum log_format format, str value)
{
	struct capture c;
	str            line;

	log_setup(LOG_INFO, format);
	capture_start(&c);
	log_info("m", LOG_STR("k", value), LOG_I64("n", 12), LOG_STR("z", STR("tail")));
	capture_end(&c);
	line = buf_str(&c.text);
	assert_in_range(line.len, 4000, 8192);
	assert_int_equal(str_find(line, '\n'), line.len - 1);
	assert_true(utf8_is_valid(line));
	assert_true(has_all_quotes_closed(line));
	if (format == LOG_JSON)
		assert_true(str_ends(line, STR("\"}\n")) || str_ends(line, STR("\"n\":12}\n")));
	buf_fini(&c.text);
}

/* A value of every length around the point where the line no longer fits. */
TEST(a_line_too_long_is_cut_and_stays_well_formed)
{
	static const char *const units[] = {"x", "\"", "\xc3\xa9", "\x01", "\\", " "};
	static char              value[9000];

	for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
		size_t n = strlen(units[u]);

		for (size_t at = 0; at + n <= sizeof value; at += n)
			memcpy(value + at, units[u], n);
		for (size_t len = 8080; len < 8200; len++) {
			assert_cut_well(LOG_LOGFMT, (str){value, len - len % n});
			assert_cut_well(LOG_JSON, (str){value, len - len % n});
		}
	}
}

TEST(errno_survives_a_log_line)
{
	struct capture c;

	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_start(&c);
	close(STDERR_FILENO); /* write(2) fails */
	errno = ENOENT;
	log_info("m");
	assert_int_equal(errno, ENOENT);
	capture_end(&c);
	buf_fini(&c.text);
}

enum { THREADS = 4, LINES = 500 };

static void *log_many(void *arg)
{
	for (int i = 0; i < LINES; i++)
		log_info("line", LOG_CSTR("who", arg), LOG_I64("i", i), LOG_CSTR("end", "here"));
	return NULL;
}

TEST(lines_of_many_threads_do_not_mix)
{
	static char    names[THREADS][2] = {"a", "b", "c", "d"};
	pthread_t      threads[THREADS];
	int            next[THREADS] = {0};
	struct capture c;
	str            rest, line;

	log_setup(LOG_INFO, LOG_LOGFMT);
	capture_start(&c);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, names[i]), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	capture_end(&c);
	rest = buf_str(&c.text);
	while (str_cut(rest, '\n', &line, &rest)) {
		char who;
		int  i;
		char text[256];

		line = without_time(line, STR("time="));
		assert_true(line.len < sizeof text);
		memcpy(text, line.ptr, line.len);
		text[line.len] = '\0';
		assert_int_equal(
		        sscanf(text, " level=info msg=line who=%c i=%d end=here", &who, &i), 2);
		assert_in_range(who, 'a', 'd');
		assert_int_equal(i, next[who - 'a']++);
	}
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(next[i], LINES);
	buf_fini(&c.text);
}

TEST_MAIN()
