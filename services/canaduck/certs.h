/*
 * canaduck/certs.h - the command that makes the certificates of RPC over TLS.
 */
#ifndef SERVICES_CANADUCK_CERTS_H
#define SERVICES_CANADUCK_CERTS_H

/* "certs DIR [NAME[,ALSO...]...]"; the exit status. */
int certs_main(int argc, char **argv);

#endif
