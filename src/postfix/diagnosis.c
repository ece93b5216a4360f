#include "postfix/diagnosis.h"

#include <string.h>

#include "postfix/diagnosis_table.h"
#include "postfix/reason.h"
#include "postfix/reply.h"

#define SUSPENDED "delivery temporarily suspended: "

struct subject {
	char text[DIAGNOSIS_REASON_MAX]; /* in one line, lower case */
	size_t len;
	/* Which triples of neighbouring letters occur. A pattern can only fit where its rarest are,
	 * so nearly all are dismissed without a search. Place 0 is always set. */
	uint64_t triples[DIAGNOSIS_TRIPLES / 64];
	unsigned code;
	struct slice dsn;
	enum diagnosis_says says;
	bool suspended, ours;
};

bool diagnosis_is_suspended(struct slice reason)
{
	return slice_starts_with(reason, SUSPENDED);
}

static void note_triples(struct subject *s)
{
	const unsigned char *t = (const unsigned char *)s->text;

	s->triples[0] = 1;
	for (size_t i = 0; i + 2 < s->len; i++) {
		unsigned place = ((t[i] * 31u + t[i + 1]) * 31u + t[i + 2]) % DIAGNOSIS_TRIPLES;

		s->triples[place / 64] |= UINT64_C(1) << place % 64;
	}
}

/* The reason with a reply of one line, in lower case, and the codes of the reply; its enhanced
 * status code counts when the caller knows none. */
static void fold_into(struct subject *s, struct slice reason)
{
	struct slice reply;

	s->len = reason_one_line(s->text, sizeof(s->text), reason, &reply).len;
	s->ours = reason_hop_is_ours(slice_make(s->text, (size_t)(reply.data - s->text)));
	s->says = reply.len > 0 ? DIAGNOSIS_SERVER_SAYS : DIAGNOSIS_POSTFIX_SAYS;
	if (reply_begins(reply)) {
		s->code = reply_code(reply);
		if (s->dsn.len == 0)
			s->dsn = reply_status(reply);
	}
	for (size_t i = 0; i < s->len; i++) {
		char c = s->text[i];

		s->text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	note_triples(s);
}

static bool has_triple(const struct subject *s, unsigned place)
{
	return s->triples[place / 64] >> place % 64 & 1;
}

/* "4.2" fits "4.2.2" and not "4.20.1". */
static bool dsn_fits(struct slice dsn, struct slice wanted)
{
	return slice_equal(slice_first(dsn, wanted.len), wanted) &&
	       (dsn.len == wanted.len || dsn.data[wanted.len] == '.');
}

static bool fits(const struct subject *s, const struct diagnosis_pattern *pattern)
{
	struct slice rest = {s->text, s->len};

	if ((pattern->suspended && !s->suspended) || (pattern->ours && !s->ours) ||
	    (pattern->code != 0 && pattern->code != s->code))
		return false;
	if (pattern->says != DIAGNOSIS_ANYBODY_SAYS && pattern->says != s->says)
		return false;
	if (pattern->dsn.len > 0 && !dsn_fits(s->dsn, pattern->dsn))
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
	for (size_t i = 0; i < diagnosis_pattern_count; i++) {
		const struct diagnosis_pattern *p = &diagnosis_patterns[i];

		if (has_triple(&s, p->triples[0]) && has_triple(&s, p->triples[1]) && fits(&s, p))
			return &diagnosis_table[p->diagnosis];
	}
	return NULL;
}

enum diagnosis_where diagnosis_where(const struct diagnosis *diagnosis, struct slice reason)
{
	if (diagnosis->where == DIAGNOSIS_THERE && reason_hop_is_ours(reason))
		return DIAGNOSIS_HERE;
	return diagnosis->where;
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
