/*
 * channels/member.h - changes of what a member is.
 */
#ifndef SERVICES_CHANNELS_MEMBER_H
#define SERVICES_CHANNELS_MEMBER_H

#include "services/channels/standing.h"

/* The refusal of what only a member may become. */
must_check status channels_member_check(const struct channels_standing *about);

/*
 * Gives a member another role than it has, and tells it. Of an owner there is one: the one of
 * before is given another role first.
 */
must_check status channels_member_set_role(struct db_tx *tx, int64_t channel_id, int64_t account_id,
                                           channels_membership_role role);

/* Gives a member a voice, or takes it, and tells it. */
must_check status channels_member_set_voice(struct db_tx *tx, int64_t channel_id,
                                            int64_t account_id, bool has_voice);

#endif
