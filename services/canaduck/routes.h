/*
 * canaduck/routes.h - prints the route table.
 */
#ifndef SERVICES_CANADUCK_ROUTES_H
#define SERVICES_CANADUCK_ROUTES_H

/* "canaduck routes [--all]": --all lists methods without a route too. */
int routes_main(int argc, char **argv);

#endif
