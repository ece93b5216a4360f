/* What is wrong now, or was found out about an action: `Warning` in api/openapi.yaml. */
#ifndef WATCH_WARNING_H
#define WATCH_WARNING_H

#include <stdint.h>

struct warning {
	const char *code;
	const char *severity; /* "info", "warning", "error" */
	const char *text;
	const char *fix; /* NULL: none */
	/* The words of both (base/said.h); NULL or empty: none. */
	const char *words, *fix_words;
	int64_t count; /* -1: about no count of messages */
	int64_t since; /* Unix seconds; 0: not known */
};

#endif
