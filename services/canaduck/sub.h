/*
 * canaduck/sub.h - prints what a service tells, as it does.
 */
#ifndef SERVICES_CANADUCK_SUB_H
#define SERVICES_CANADUCK_SUB_H

/* "canaduck sub [OPTION...] TOPIC": returns the exit status. */
int sub_main(int argc, char **argv);

#endif
