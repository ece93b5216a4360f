/* Reads the two numbers with which Postfix's version begins; what follows (patch level, snapshot
 * date) says nothing about what it can do. */
#include "postfix/version.h"

#include <stddef.h>

#define DIGITS_MAX 2

static const char *read_number(const char *at, int *number)
{
	int digits = 0;

	*number = 0;
	for (; *at >= '0' && *at <= '9'; at++, digits++)
		if (digits < DIGITS_MAX)
			*number = *number * 10 + (*at - '0');
	return digits > 0 && digits <= DIGITS_MAX ? at : NULL;
}

int postfix_version(const char *text)
{
	const char *at = text;
	int major, minor;

	if (at == NULL || (at = read_number(at, &major)) == NULL || *at != '.' ||
	    read_number(at + 1, &minor) == NULL)
		return 0;
	return major * 100 + minor;
}
