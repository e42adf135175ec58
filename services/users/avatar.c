#include "services/users/avatar.h"

#include <ctype.h>

/* Data URIs of text need no base64, only that what ends or confuses a URI is percent-encoded. */
char *users_avatar(const struct users_account *account, struct arena *a)
{
	/* The golden angle spreads neighbouring ids over the colour circle. */
	int hue = (int)(account->id % 360 * 137 % 360);
	int letter = toupper((unsigned char)account->pseudo[0]);

	if (account->picture)
		return account->picture;
	return arena_printf(
	        a,
	        "data:image/svg+xml,%%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 64 "
	        "64'%%3E"
	        "%%3Crect width='64' height='64' fill='hsl(%d 55%%25 45%%25)'/%%3E"
	        "%%3Ctext x='32' y='43' font-family='sans-serif' font-size='32' fill='white'"
	        " text-anchor='middle'%%3E%c%%3C/text%%3E%%3C/svg%%3E",
	        hue, letter);
}
