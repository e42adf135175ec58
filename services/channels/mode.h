/*
 * channels/mode.h - the modes of a channel: letters, as they are stored and as they are changed.
 */
#ifndef SERVICES_CHANNELS_MODE_H
#define SERVICES_CHANNELS_MODE_H

#include "base/arena.h"
#include "base/str.h"

#define CHANNELS_MODES "mnprt"

enum { CHANNELS_MODE_MAX_CHANGE = 32 };

/* Letters of CHANNELS_MODES as bits, in their order. */
struct channels_mode_change {
	unsigned on, off; /* none is in both */
};

/*
 * Reads "+r", "-r+pm": signs, each before at least one letter; of one letter, what comes last
 * holds. False for anything else, and for what is longer than CHANNELS_MODE_MAX_CHANGE.
 */
bool channels_mode_parse(str text, struct channels_mode_change *out_change);

/* The modes (sorted letters) after the change, in the arena. */
str channels_mode_apply(str modes, struct channels_mode_change change, struct arena *a);

/* The letter is among them. */
static inline bool channels_mode_is_on(str modes, char letter)
{
	return str_find(modes, letter) >= 0;
}

#endif
