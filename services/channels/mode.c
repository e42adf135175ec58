#include "services/channels/mode.h"

enum { N_MODES = sizeof CHANNELS_MODES - 1 };

static bool take_letter(struct channels_mode_change *change, char sign, char letter)
{
	const ptrdiff_t at = str_find(STR(CHANNELS_MODES), letter);
	unsigned        bit;

	if (at < 0 || sign == 0)
		return false;
	bit = 1u << at;
	change->on = sign == '+' ? change->on | bit : change->on & ~bit;
	change->off = sign == '-' ? change->off | bit : change->off & ~bit;
	return true;
}

bool channels_mode_parse(str text, struct channels_mode_change *out_change)
{
	struct channels_mode_change change = {0, 0};
	char                        sign = 0;
	bool                        has_letter = true; /* after the last sign */

	if (text.len == 0 || text.len > CHANNELS_MODE_MAX_CHANGE)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		if (c == '+' || c == '-') {
			if (!has_letter)
				return false;
			sign = c;
			has_letter = false;
		} else {
			if (!take_letter(&change, sign, c))
				return false;
			has_letter = true;
		}
	}
	if (!has_letter)
		return false;
	*out_change = change;
	return true;
}

str channels_mode_apply(str modes, struct channels_mode_change change, struct arena *a)
{
	char  *letters = arena_alloc(a, N_MODES + 1);
	size_t n = 0;

	for (unsigned i = 0; i < N_MODES; i++) {
		const char letter = CHANNELS_MODES[i];
		const bool was_on = channels_mode_is_on(modes, letter);

		if ((was_on && !(change.off & 1u << i)) || (change.on & 1u << i))
			letters[n++] = letter;
	}
	letters[n] = '\0';
	return (str){letters, n};
}
