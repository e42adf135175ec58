#include "metrics/metrics.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "test/support/test.h"

/*
 * The registry is one for the process: every test has names of its own and looks at its family
 * alone, from its HELP line up to the next one.
 */
static void assert_family(const char *name, const char *expected)
{
	AUTO(buf_fini) struct buf b;
	char                      head[100];
	const char               *start, *end;

	buf_init(&b, 1 << 20);
	metrics_print(&b);
	buf_put_c(&b, '\0');
	snprintf(head, sizeof head, "# HELP %s ", name);
	start = strstr(b.ptr, head);
	assert_non_null(start);
	end = strstr(start + 1, "# HELP ");
	assert_str(((str){start, end ? (size_t)(end - start) : strlen(start)}), expected);
}

TEST(counters_print_by_series_sorted_by_labels)
{
	metrics_counter_add(metrics_counter_get("c_total", "All of it.", METRICS_LABELS("m", "b")),
	                    2);
	metrics_counter_add(metrics_counter_get("c_total", "All of it.", METRICS_LABELS("m", "a")),
	                    UINT64_MAX);
	metrics_counter_get("c_total", "All of it.", NULL);
	assert_family("c_total", "# HELP c_total All of it.\n"
	                         "# TYPE c_total counter\n"
	                         "c_total 0\n"
	                         "c_total{m=\"a\"} 18446744073709551615\n"
	                         "c_total{m=\"b\"} 2\n");
}

TEST(gauges_go_up_and_down)
{
	struct metrics_gauge *g = metrics_gauge_get("g", "Now.", METRICS_LABELS());

	metrics_gauge_set(g, 5);
	metrics_gauge_add(g, -8);
	assert_int_equal(metrics_gauge_value(g), -3);
	assert_family("g", "# HELP g Now.\n# TYPE g gauge\ng -3\n");
}

TEST(a_histogram_prints_cumulative_buckets_sum_and_count)
{
	struct metrics_histogram *h =
	        metrics_histogram_get("h_seconds", "Took.", METRICS_LABELS("m", "x", "n", "y"));

	metrics_histogram_observe_ns(h, -1);
	metrics_histogram_observe_ns(h, 500000); /* a bound belongs to its bucket */
	metrics_histogram_observe_ns(h, 500001);
	metrics_histogram_observe_ns(h, 10000000000);
	metrics_histogram_observe_ns(h, 10000000001);
	assert_family("h_seconds", "# HELP h_seconds Took.\n"
	                           "# TYPE h_seconds histogram\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.0005\"} 2\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.001\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.0025\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.005\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.01\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.025\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.05\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.1\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.25\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"0.5\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"1\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"2.5\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"5\"} 3\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"10\"} 4\n"
	                           "h_seconds_bucket{m=\"x\",n=\"y\",le=\"+Inf\"} 5\n"
	                           "h_seconds_sum{m=\"x\",n=\"y\"} 20.001000002\n"
	                           "h_seconds_count{m=\"x\",n=\"y\"} 5\n");
}

TEST(a_histogram_without_labels_has_only_le)
{
	AUTO(buf_fini) struct buf b;

	metrics_histogram_get("plain_seconds", "Took.", NULL);
	buf_init(&b, 1 << 20);
	metrics_print(&b);
	buf_put_c(&b, '\0');
	assert_non_null(strstr(b.ptr, "\nplain_seconds_bucket{le=\"0.0005\"} 0\n"));
	assert_non_null(strstr(b.ptr, "\nplain_seconds_sum 0.000000000\nplain_seconds_count 0\n"));
}

TEST(help_and_label_values_are_escaped)
{
	metrics_counter_get("esc_total", "a\\b \"q\"\nnext", METRICS_LABELS("v", "a\\b \"q\"\nc"));
	assert_family("esc_total", "# HELP esc_total a\\\\b \"q\"\\nnext\n"
	                           "# TYPE esc_total counter\n"
	                           "esc_total{v=\"a\\\\b \\\"q\\\"\\nc\"} 0\n");
}

TEST(the_same_name_and_labels_are_the_same_series)
{
	char                    value[] = "x";
	struct metrics_counter *a = metrics_counter_get("same", "h", METRICS_LABELS("l", value));

	value[0] = 'y'; /* labels are copied */
	assert_ptr_equal(metrics_counter_get("same", "h", METRICS_LABELS("l", "x")), a);
	assert_ptr_not_equal(metrics_counter_get("same", "h", METRICS_LABELS("l", "y")), a);
}

TEST(families_print_sorted_by_name)
{
	AUTO(buf_fini) struct buf b;

	metrics_gauge_get("order_b", "h", NULL);
	metrics_gauge_get("order_a", "h", NULL);
	metrics_gauge_get("order_c", "h", NULL);
	buf_init(&b, 1 << 20);
	metrics_print(&b);
	buf_put_c(&b, '\0');
	assert_true(strstr(b.ptr, "\norder_a 0\n") < strstr(b.ptr, "\norder_b 0\n"));
	assert_true(strstr(b.ptr, "\norder_b 0\n") < strstr(b.ptr, "\norder_c 0\n"));
}

/* Runs in a child what must end it. */
static bool dies(const char *name, const char *const *labels)
{
	pid_t pid = fork();
	int   how = 0;

	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		metrics_gauge_get(name, "h", labels);
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &how, 0), pid);
	return !WIFEXITED(how) || WEXITSTATUS(how) != 0;
}

TEST(a_wrong_name_or_label_dies)
{
	static const char *const none[] = {NULL};
	static const struct {
		const char *name;
		const char *labels[12];
	} cases[] = {
	        {"", {NULL}},
	        {"1a", {NULL}},
	        {"a-b", {NULL}},
	        {"A", {NULL}},
	        {"ok", {"a:b", "v", NULL}},
	        {"ok", {"le", "v", NULL}},
	        {"ok", {"", "v", NULL}},
	        {"ok", {"a", NULL}},
	        {"ok", {"a", "", "b", "", "c", "", "d", "", "e", "", NULL}},
	};

	metrics_counter_get("is_counter", "h", NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (!dies(cases[i].name, cases[i].labels))
			fail_msg("case %zu was taken", i);
	assert_true(dies("is_counter", none));
	assert_false(dies("ok:name_1", METRICS_LABELS("a", "", "b", "", "c", "", "d", "")));
}

enum { THREADS = 4, ROUNDS = 5000 };

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		metrics_counter_add(metrics_counter_get("t_total", "h", METRICS_LABELS("a", "b")),
		                    1);
		metrics_gauge_add(metrics_gauge_get("t_now", "h", NULL), i % 2 ? -1 : 1);
		metrics_histogram_observe_ns(metrics_histogram_get("t_seconds", "h", NULL),
		                             i * 1000);
	}
	return NULL;
}

TEST(threads_lose_no_count_while_another_prints)
{
	pthread_t                 threads[THREADS];
	AUTO(buf_fini) struct buf b;

	buf_init(&b, 1 << 20);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
	for (int i = 0; i < 50; i++) {
		buf_reset(&b);
		metrics_print(&b);
	}
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(metrics_counter_value(
	                         metrics_counter_get("t_total", "h", METRICS_LABELS("a", "b"))),
	                 THREADS * ROUNDS);
	assert_int_equal(metrics_gauge_value(metrics_gauge_get("t_now", "h", NULL)), 0);
	buf_reset(&b);
	metrics_print(&b);
	buf_put_c(&b, '\0');
	assert_non_null(strstr(b.ptr, "\nt_seconds_count 20000\n"));
	assert_non_null(strstr(b.ptr, "\nt_seconds_sum 49.990000000\n"));
}

TEST_MAIN()
