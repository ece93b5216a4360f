/* Texts with `{{field}}`: what a channel's message says, as somebody has written it. No code, no
 * conditions: a field stands for a text, or for nothing. Pure. */
#ifndef WATCH_ALERTS_TEMPLATE_H
#define WATCH_ALERTS_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

/* The names are in postroom-alerts(7). */
enum alerts_field {
	ALERTS_FIELD_WHAT,
	ALERTS_FIELD_TITLE,
	ALERTS_FIELD_WHY,
	ALERTS_FIELD_NUMBER,
	ALERTS_FIELD_TODO,
	ALERTS_FIELD_LINK,
	ALERTS_FIELD_MESSAGES,
	ALERTS_FIELD_FILTER,
	ALERTS_FIELD_RUNBOOK,
	ALERTS_FIELD_SEVERITY,
	ALERTS_FIELD_KIND,
	ALERTS_FIELD_KEY,
	ALERTS_FIELD_INCIDENT,
	ALERTS_FIELD_SINCE,
	ALERTS_FIELD_UNTIL,
	ALERTS_FIELD_HOST,
	ALERTS_FIELDS
};

/* Where a template is wrong: `column` in characters, from 1. */
struct alerts_template_fault {
	size_t column;
	char text[300];
	char words[400]; /* of it (base/said.h) */
};
bool alerts_template_check(struct slice text, struct alerts_template_fault *fault);

/* How the text of a stranger is kept from being read as something else: one function for all. */
enum alerts_escape {
	ALERTS_ESCAPE_NONE,	/* plain text: control characters become blanks */
	ALERTS_ESCAPE_SLACK,	/* & < > */
	ALERTS_ESCAPE_MARKDOWN, /* of Discord and Teams */
};
void alerts_escape(struct buffer *out, struct slice text, enum alerts_escape how);

/* A template that was checked. `values` has ALERTS_FIELDS texts. */
void alerts_template_render(
    struct buffer *out, struct slice text, const struct slice *values, enum alerts_escape how);

#endif
