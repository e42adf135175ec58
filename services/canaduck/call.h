/*
 * canaduck/call.h - an RPC from the shell, as one of our services or as an account, to those that
 * run.
 */
#ifndef SERVICES_CANADUCK_CALL_H
#define SERVICES_CANADUCK_CALL_H

/* "canaduck call [--as ACCOUNT_ID] METHOD [JSON]": prints the response as JSON; returns the exit
 * status. */
int call_main(int argc, char **argv);

/* "canaduck admin grant|revoke PSEUDO". */
int call_admin_main(int argc, char **argv);

/* canaduck stats rebuild */
int call_stats_main(int argc, char **argv);

/* Asks one of a service's replicas whether it can work: 0 when it can. */
int call_health(const char *service);

#endif
