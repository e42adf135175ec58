/*
 * canaduck/health.h - asks a running edge whether it is ready: for supervisors and containers.
 */
#ifndef SERVICES_CANADUCK_HEALTH_H
#define SERVICES_CANADUCK_HEALTH_H

/* "canaduck health": GET /readyz at HOST and PORT; prints the answer; 0 when it is 200. */
int health_main(int argc, char **argv);

#endif
