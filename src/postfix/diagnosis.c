#include "postfix/diagnosis.h"

#include <string.h>

#include "postfix/diagnosis_table.h"
#include "postfix/reason.h"
#include "postfix/reply.h"

#define SUSPENDED "delivery temporarily suspended: "

/* Which pairs of neighbouring letters occur in the reason, by six bits of each. A part of a pattern
 * can only be in it where all of its pairs are, so nearly all patterns are dismissed without a
 * search. */
#define PAIR_BITS 4096

struct subject {
	char text[DIAGNOSIS_REASON_MAX]; /* in one line, lower case */
	size_t len;
	uint64_t pairs[PAIR_BITS / 64];
	unsigned code;
	struct slice dsn;
	bool suspended;
};

static size_t pair_of(char a, char b)
{
	return (size_t)(a & 63) << 6 | (size_t)(b & 63);
}

bool diagnosis_is_suspended(struct slice reason)
{
	return slice_starts_with(reason, SUSPENDED);
}

/* The reason with a reply of one line, in lower case, and the codes of the reply; its enhanced
 * status code counts when the caller knows none. */
static void fold_into(struct subject *s, struct slice reason)
{
	struct slice reply;

	s->len = reason_one_line(s->text, sizeof(s->text), reason, &reply).len;
	if (reply_begins(reply)) {
		s->code = reply_code(reply);
		if (s->dsn.len == 0)
			s->dsn = reply_status(reply);
	}
	for (size_t i = 0; i < s->len; i++) {
		char c = s->text[i];

		s->text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	for (size_t i = 0; i + 1 < s->len; i++) {
		size_t pair = pair_of(s->text[i], s->text[i + 1]);

		s->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
	}
}

static bool may_contain(const struct subject *s, struct slice part)
{
	for (size_t i = 0; i + 1 < part.len; i++) {
		size_t pair = pair_of(part.data[i], part.data[i + 1]);

		if ((s->pairs[pair / 64] >> pair % 64 & 1) == 0)
			return false;
	}
	return true;
}

/* "4.2" fits "4.2.2" and not "4.20.1". */
static bool dsn_fits(struct slice dsn, const char *wanted)
{
	size_t len = strlen(wanted);

	return slice_starts_with(dsn, wanted) && (dsn.len == len || dsn.data[len] == '.');
}

static bool fits(const struct subject *s, const struct diagnosis_pattern *pattern)
{
	struct slice rest = {s->text, s->len};

	if ((pattern->suspended && !s->suspended) ||
	    (pattern->code != 0 && pattern->code != s->code))
		return false;
	if (pattern->dsn[0] != '\0' && !dsn_fits(s->dsn, pattern->dsn))
		return false;
	for (size_t i = 0; i < pattern->part_count; i++)
		if (!may_contain(s, pattern->parts[i]))
			return false;
	for (size_t i = 0; i < pattern->part_count; i++) {
		ptrdiff_t at = slice_find(rest, pattern->parts[i]);

		if (at < 0 || (i == 0 && pattern->anchored && at > 0))
			return false;
		rest = slice_from(rest, (size_t)at + pattern->parts[i].len);
	}
	return true;
}

const struct diagnosis *diagnosis_find(struct slice reason, struct slice dsn)
{
	struct subject s = {.dsn = dsn, .suspended = diagnosis_is_suspended(reason)};

	if (reason.len == 0)
		return NULL;
	if (s.suspended)
		reason = slice_from(reason, strlen(SUSPENDED));
	fold_into(&s, reason);
	for (size_t i = 0; i < diagnosis_pattern_count; i++)
		if (fits(&s, &diagnosis_patterns[i]))
			return &diagnosis_table[diagnosis_patterns[i].diagnosis];
	return NULL;
}

const struct diagnosis *diagnosis_by_key(struct slice key)
{
	for (size_t i = 0; i < diagnosis_table_count; i++)
		if (slice_is(key, diagnosis_table[i].key))
			return &diagnosis_table[i];
	return NULL;
}

size_t diagnosis_count(void)
{
	return diagnosis_table_count;
}

const struct diagnosis *diagnosis_at(size_t index)
{
	return &diagnosis_table[index];
}

size_t diagnosis_index(const struct diagnosis *diagnosis)
{
	return (size_t)(diagnosis - diagnosis_table);
}

const char *diagnosis_severity_name(enum diagnosis_severity severity)
{
	static const char *const names[] = {"wait", "watch", "act"};

	return names[severity];
}

const char *diagnosis_where_name(enum diagnosis_where where)
{
	static const char *const names[] = {"here", "between", "there"};

	return names[where];
}
