/* Reads a reason a line and prints the key of its diagnosis, where its cause is, and its class,
 * with tabs between (tests/bench/diagnosis.mjs). With BEFORE it can be built with an older version,
 * too.
 */
#include <stdio.h>
#include <stdlib.h>

#include "postfix/diagnosis.h"
#include "postfix/reason.h"

#ifdef BEFORE
#define WHERE(found, reason) (found)->where
#else
#define WHERE(found, reason) diagnosis_where(found, reason)
#endif

int main(void)
{
	struct buffer class = {0};
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		struct slice reason = slice_first(
		    slice_make(line, (size_t)len), (size_t)(len - (line[len - 1] == '\n')));
		const struct diagnosis *found = diagnosis_find(reason, SLICE(""));

		buffer_clear(&class);
		reason_class(&class, reason);
		printf("%s\t%s\t%s\n", found ? found->key : "",
		    found ? diagnosis_where_name(WHERE(found, reason)) : "", buffer_string(&class));
	}
	free(line);
	buffer_free(&class);
	return 0;
}
