#include "services/channels/access.h"

bool channels_access_fill(const struct channels_standing *s, struct arena *a,
                          channels_check_access_response *out_access)
{
	const char *why = channels_standing_why_silent(s);

	if (!channels_standing_sees(s))
		return false;
	out_access->channel_id = s->channel_id;
	out_access->name = arena_cstr(a, s->name);
	out_access->can_read = channels_standing_reads(s);
	out_access->can_write = why == NULL;
	out_access->can_moderate = channels_standing_governs(s);
	out_access->reason = arena_cstr(a, str_c(why ? why : ""));
	out_access->is_private = channels_mode_is_on(s->modes, 'p');
	out_access->is_banned = s->is_banned;
	return true;
}
