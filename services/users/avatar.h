/*
 * users/avatar.h - the picture of an account that gave none: its letter on a colour of its own.
 */
#ifndef SERVICES_USERS_AVATAR_H
#define SERVICES_USERS_AVATAR_H

#include "base/arena.h"
#include "services/users/account.h"

/* The account's picture, or a generated SVG as a data URI in the arena. */
char *users_avatar(const struct users_account *account, struct arena *a);

#endif
