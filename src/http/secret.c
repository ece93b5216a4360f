/* The two headers that secrets come in, taken apart. Whether a secret is one is for access/. */
#include "http/secret.h"

bool secret_cookie(struct slice header, struct slice name, struct slice *value)
{
	struct slice pair, before;

	/* The first one with that name. Over TLS its prefix __Host- keeps other
	 * hosts from setting one. */
	while (slice_split(&header, ';', &pair)) {
		pair = slice_trim(pair);
		if (slice_split(&pair, '=', &before) && slice_equal(before, name) &&
		    pair.data != NULL) {
			*value = pair;
			return true;
		}
	}
	return false;
}

bool secret_bearer(struct slice header, struct slice *token)
{
	struct slice scheme;

	if (!slice_split(&header, ' ', &scheme) || header.data == NULL ||
	    !slice_equal_nocase(scheme, SLICE("Bearer")))
		return false;
	*token = slice_trim(header);
	return true;
}
