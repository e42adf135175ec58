/*
 * canaduck/health.h - asks what runs whether it can work: for supervisors and containers.
 */
#ifndef SERVICES_CANADUCK_HEALTH_H
#define SERVICES_CANADUCK_HEALTH_H

/*
 * "canaduck health": GET /readyz at HOST and PORT; prints the answer; 0 when it is 200.
 * "canaduck health SERVICE": the same by RPC.
 */
int health_main(int argc, char **argv);

#endif
