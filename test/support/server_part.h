/*
 * support/server_part.h - one process of a server: what server.c starts and ends.
 */
#ifndef TEST_SUPPORT_SERVER_PART_H
#define TEST_SUPPORT_SERVER_PART_H

#include "test/support/server.h"

struct server_service {
	const char *name, *variable; /* variable: how its variables begin */
};

extern const struct server_service server_services[SERVER_SERVICES];

/* In a child, before exec. p: the part that it will be, or NULL. */
void server_set_environment(const struct server *s, const struct server_process *p,
                            const char *const *env);

void server_start_part(const struct server *s, struct server_process *p);
void server_wait_part_ready(struct server_process *p);

/* As a shell has it. */
int server_exit_status(int outcome);

#endif
