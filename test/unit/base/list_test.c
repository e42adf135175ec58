#include "base/list.h"

#include <string.h>

#include "test/support/test.h"

struct item {
	char        letter;
	struct list link;
};

static void assert_letters(const struct list *head, const char *letters)
{
	char   seen[16] = "", back[16] = "";
	size_t n = 0;

	list_for_each (it, head)
		seen[n++] = container_of(it, struct item, link)->letter;
	assert_string_equal(seen, letters);
	for (const struct list *it = head->prev; it != head; it = it->prev)
		back[--n] = container_of(it, struct item, link)->letter;
	assert_string_equal(back, letters);
	assert_int_equal(list_is_empty(head), *letters == '\0');
}

static void fill(struct list *head, struct item *items, const char *letters)
{
	list_init(head);
	for (size_t i = 0; letters[i]; i++) {
		items[i].letter = letters[i];
		list_append(head, &items[i].link);
	}
}

TEST(append_is_first_in_first_out_and_prepend_goes_ahead)
{
	struct list head;
	struct item items[3], first = {.letter = '0'};

	fill(&head, items, "");
	assert_letters(&head, "");
	fill(&head, items, "abc");
	assert_letters(&head, "abc");
	list_prepend(&head, &first.link);
	assert_letters(&head, "0abc");
}

TEST(remove_twice_is_fine)
{
	struct list head;
	struct item items[3];

	fill(&head, items, "abc");
	list_remove(&items[1].link);
	list_remove(&items[1].link);
	assert_letters(&head, "ac");
	list_remove(&items[0].link);
	list_remove(&items[2].link);
	assert_letters(&head, "");
}

TEST(splice_moves_everything_to_the_end)
{
	static const struct {
		const char *to, *from, *joined;
	} cases[] = {{"ab", "cd", "abcd"}, {"", "cd", "cd"}, {"ab", "", "ab"}, {"", "", ""}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct list to, from;
		struct item a[4], b[4];

		fill(&to, a, cases[i].to);
		fill(&from, b, cases[i].from);
		list_splice(&to, &from);
		assert_letters(&to, cases[i].joined);
		assert_letters(&from, "");
	}
}

TEST(a_safe_walk_allows_removal)
{
	struct list head;
	struct item items[5];

	fill(&head, items, "abcde");
	list_for_each_safe (it, &head) {
		if (container_of(it, struct item, link)->letter % 2 == 0)
			list_remove(it);
	}
	assert_letters(&head, "ace");
}

TEST_MAIN()
