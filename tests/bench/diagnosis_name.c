/* Reads a reason a line and prints the key of its diagnosis, where it is, and the asked delay in
 * seconds, with tabs between (tests/bench/diagnosis.mjs). */
#include <stdio.h>
#include <stdlib.h>

#include "postfix/diagnosis.h"

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	while ((len = getline(&line, &cap, stdin)) > 0) {
		struct slice reason = slice_first(
		    slice_make(line, (size_t)len), (size_t)(len - (line[len - 1] == '\n')));
		const struct diagnosis *found = diagnosis_find(reason, SLICE(""));

		printf("%s\t%s\n", found ? found->key : "",
		    found ? diagnosis_where_name(diagnosis_where(found, reason)) : "");
	}
	free(line);
	return 0;
}
