/* Finds the diagnosis of a reason: the first pattern of `src/postfix/diagnoses.ini` that fits.
 * diagnoses_to_c.py makes the tables of the patterns at build time. A large queue has very many
 * reasons, so most patterns are excluded by one bit before any text is searched. */
#include "postfix/diagnosis.h"

#include <string.h>

#include "postfix/diagnosis_table.h"
#include "postfix/reason.h"
#include "postfix/reply.h"

#define SUSPENDED "delivery temporarily suspended: "

struct subject {
	char text[DIAGNOSIS_REASON_MAX]; /* in one line, lower case */
	size_t len;
	/* Which triples of neighbouring letters occur, and the patterns whose rarest one does: the
	 * others cannot fit. */
	uint64_t triples[DIAGNOSIS_TRIPLES / 64];
	uint64_t candidates[DIAGNOSIS_PATTERNS_MAX / 64];
	struct slice reply; /* the server's words in it */
	unsigned code;
	struct slice dsn;
	enum diagnosis_says says;
	bool suspended, ours;
};

bool diagnosis_is_suspended(struct slice reason)
{
	return slice_starts_with(reason, SUSPENDED);
}

/* Each pattern waits in the bucket of one triple of letters that it cannot do without. Patterns
 * without such a triple wait in bucket 0, which is always noted. */
static void note_bucket(struct subject *s, unsigned place)
{
	for (size_t i = diagnosis_bucket_begin[place]; i < diagnosis_bucket_begin[place + 1]; i++)
		s->candidates[diagnosis_bucket[i] / 64] |= UINT64_C(1) << diagnosis_bucket[i] % 64;
}

/* The hash is that of diagnoses_to_c.py; both must stay the same. Two triples of one number only
 * mean one look more. */
static void note_candidates(struct subject *s)
{
	const unsigned char *t = (const unsigned char *)s->text;

	memset(s->triples, 0, sizeof(s->triples));
	memset(s->candidates, 0, sizeof(s->candidates));
	note_bucket(s, 0);
	for (size_t i = 0; i + 2 < s->len; i++) {
		unsigned place = ((t[i] * 31u + t[i + 1]) * 31u + t[i + 2]) % DIAGNOSIS_TRIPLES;

		s->triples[place / 64] |= UINT64_C(1) << place % 64;
		if (diagnosis_bucket_used[place / 64] >> place % 64 & 1)
			note_bucket(s, place);
	}
}

/* A local part of 64 bytes, a domain of 255, and the at sign between them (RFC 5321, 4.5.3.1). */
#define ADDRESS_MAX 320

/* An address in angle brackets that the server repeats is no word of its own: without what is
 * between them. */
static size_t drop_addresses(char *text, size_t len)
{
	struct slice left = {text, len};
	size_t to = 0;
	ptrdiff_t open, end;

	while ((open = slice_find_char(left, '<')) >= 0) {
		struct slice inside = slice_first(slice_from(left, (size_t)open + 1), ADDRESS_MAX);

		/* The brackets themselves stay, so that a pattern may still ask for them. */
		memmove(text + to, left.data, (size_t)open + 1);
		to += (size_t)open + 1;
		left = slice_from(left, (size_t)open + 1);
		end = slice_find_char(inside, '>');
		inside = slice_first(inside, end > 0 ? (size_t)end : 0);
		if (slice_find_char(inside, '@') >= 0 && slice_find_char(inside, ' ') < 0)
			left = slice_from(left, inside.len);
	}
	memmove(text + to, left.data, left.len);
	return to + left.len;
}

/* The reason with a reply of one line, in lower case, and the codes of the reply; its enhanced
 * status code counts when the caller knows none. */
static void fold_into(struct subject *s, struct slice reason)
{
	struct slice reply;
	size_t front, tail, words;

	s->len = reason_one_line(s->text, sizeof(s->text), reason, &reply).len;
	front = (size_t)(reply.data - s->text);
	tail = s->len - front - reply.len;
	/* Before anything is moved: what stands in front of the reply names the host. */
	s->ours = reason_hop_is_ours(slice_make(s->text, front));
	s->says = reply.len > 0 ? DIAGNOSIS_SERVER_SAYS : DIAGNOSIS_POSTFIX_SAYS;
	if (reply_begins(reply)) {
		s->code = reply_code(reply);
		if (s->dsn.len == 0)
			s->dsn = reply_status(reply);
	}
	/* Only the server's words: an address that a stranger chose must not decide the diagnosis
	 * ("<mailbox-full@...>"). */
	words = drop_addresses(s->text + front, reply.len);
	memmove(s->text + front + words, s->text + front + reply.len, tail);
	s->reply = slice_make(s->text + front, words);
	s->len = front + words + tail;
	/* Of ASCII alone, and without a locale: the patterns have nothing else. */
	for (size_t i = 0; i < s->len; i++) {
		char c = s->text[i];

		s->text[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
	}
	note_candidates(s);
}

/* "4.2" fits "4.2.2" and not "4.20.1". */
static bool dsn_fits(struct slice dsn, struct slice wanted)
{
	return slice_equal(slice_first(dsn, wanted.len), wanted) &&
	       (dsn.len == wanted.len || dsn.data[wanted.len] == '.');
}

static bool fits(const struct subject *s, const struct diagnosis_pattern *pattern)
{
	struct slice rest = pattern->in_reply ? s->reply : slice_make(s->text, s->len);

	if ((pattern->suspended && !s->suspended) || (pattern->ours && !s->ours) ||
	    (pattern->code != 0 && pattern->code != s->code))
		return false;
	if (pattern->says != DIAGNOSIS_ANYBODY_SAYS && pattern->says != s->says)
		return false;
	if (pattern->dsn.len > 0 && !dsn_fits(s->dsn, pattern->dsn))
		return false;
	if (pattern->triple != 0 && !(s->triples[pattern->triple / 64] >> pattern->triple % 64 & 1))
		return false;
	/* The parts in their order, each behind the one before. There is no going back, so the time
	 * is linear in the text. */
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
	struct subject s;

	if (reason.len == 0)
		return NULL;
	s.dsn = dsn;
	s.code = 0;
	s.suspended = diagnosis_is_suspended(reason);
	/* What follows is the reason of the attempt before (docs/POSTFIX.md, "When a message is
	 * tried again"). */
	if (s.suspended)
		reason = slice_from(reason, strlen(SUSPENDED));
	fold_into(&s, reason);
	/* From the lowest bit up: the order of diagnoses.ini, in which the more special pattern
	 * stands first. */
	for (size_t w = 0; w * 64 < diagnosis_pattern_count; w++) {
		for (uint64_t left = s.candidates[w]; left != 0; left &= left - 1) {
			size_t i = w * 64 + (size_t)__builtin_ctzll(left);

			if (fits(&s, &diagnosis_patterns[i]))
				return &diagnosis_table[diagnosis_patterns[i].diagnosis];
		}
	}
	return NULL;
}

enum diagnosis_where diagnosis_where(const struct diagnosis *diagnosis, struct slice reason)
{
	/* A refusal by a content filter or another hop of our own is ours to mend, whatever its
	 * words. */
	if (diagnosis->where == DIAGNOSIS_THERE && reason_hop_is_ours(reason))
		return DIAGNOSIS_HERE;
	return diagnosis->where;
}

const struct diagnosis *diagnosis_by_key(struct slice key)
{
	if (key.len == 0)
		return NULL;
	/* The first letter decides most: incidents ask for thousands in a turn. */
	for (size_t i = 0; i < diagnosis_table_count; i++)
		if (diagnosis_table[i].key[0] == key.data[0] &&
		    slice_is(key, diagnosis_table[i].key))
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

const char *diagnosis_family_name(enum diagnosis_family family)
{
	static const char *const names[DIAGNOSIS_FAMILIES] = {"recipient", "full", "later", "rate",
	    "reputation", "unreachable", "refuses", "names", "service", "postfix", "disk", "loop"};

	return names[family];
}

const char *diagnosis_where_name(enum diagnosis_where where)
{
	static const char *const names[] = {"here", "between", "there"};

	return names[where];
}
