/*
 * e2e/vincenty.h - how far two places are apart over WGS 84, computed by the tests themselves.
 */
#ifndef TEST_E2E_VINCENTY_H
#define TEST_E2E_VINCENTY_H

struct vincenty_place {
	double lat, lon; /* degrees */
};

/* Metres, for any two places, opposite ones too. */
double vincenty_metres(struct vincenty_place a, struct vincenty_place b);

#endif
