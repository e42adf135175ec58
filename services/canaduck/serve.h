/*
 * canaduck/serve.h - runs the services and the edge until SIGTERM or SIGINT.
 */
#ifndef SERVICES_CANADUCK_SERVE_H
#define SERVICES_CANADUCK_SERVE_H

/* "canaduck serve all" or some of its parts: returns the exit status. */
int serve_main(int argc, char **argv);

#endif
