/* Finds the pause that a reply asks for: "try again in 5 minutes", "greylisted for 00:05:00". A
 * number with a unit counts only where the words in front of it say that it is a delay. Replies
 * also speak of limits, ages and windows of time, and a wrong delay is worse than none. */
#include "postfix/asked_delay.h"

#include <stdbool.h>

#include "postfix/reason.h"

/* So far back may stand what says that the time is a delay. */
#define CUE_WITHIN 80

/* Taken from what greylisting and rate limits of real servers say. All in lower case, since the
 * reply is folded first. */
static const char *const CUES[] = {"again", "retry", "come back", "wait", "greylist", "graylist",
    "grey list", "gray list", "resend", "return", "reconnect", "delay", "deferred for", "later"};

/* The word in front of the time; behind any other, it is one of something else. */
static const char *const BEFORE[] = {"in", "after", "for", "wait", "least", "about",
    "approximately", "another", "again", "next", "retry", "delay", "is", "of", "then"};

/* "m" stands for minutes: nobody asks for months, and ASKED_DELAY_MAX would refuse them. */
static const struct {
	const char *name;
	uint32_t seconds;
} UNITS[] = {
    {"s", 1},
    {"sec", 1},
    {"secs", 1},
    {"second", 1},
    {"seconds", 1},
    {"second(s)", 1},
    {"m", 60},
    {"min", 60},
    {"mins", 60},
    {"minute", 60},
    {"minutes", 60},
    {"minute(s)", 60},
    {"h", 3600},
    {"hr", 3600},
    {"hrs", 3600},
    {"hour", 3600},
    {"hours", 3600},
    {"hour(s)", 3600},
    {"d", 86400},
    {"day", 86400},
    {"days", 86400},
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}

/* What is left of a text, and how far it was read. */
struct reading {
	struct slice text;
	size_t at;
};

static char peek(const struct reading *r)
{
	return r->at < r->text.len ? r->text.data[r->at] : '\0';
}

/* Digits, at most seven; false where there are none, or more. */
static bool take_number(struct reading *r, uint32_t *value)
{
	size_t begin = r->at;

	*value = 0;
	while (is_digit(peek(r)) && r->at - begin < 7)
		*value = *value * 10 + (uint32_t)(r->text.data[r->at++] - '0');
	return r->at > begin && !is_digit(peek(r));
}

/* A unit, with a blank or a hyphen in front or without. */
static bool take_unit(struct reading *r, uint32_t *seconds)
{
	size_t begin = r->at + (peek(r) == ' ' || peek(r) == '-'), end = begin;

	while (end < r->text.len && end - begin < 10 &&
	       (is_word(r->text.data[end]) || r->text.data[end] == '(' || r->text.data[end] == ')'))
		end++;
	for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
		struct slice unit = slice_first(slice_from(r->text, begin), end - begin);

		/* A bracket of the sentence is not part of the unit, but the one of "second(s)" is.
		 */
		/* "(come back in 5 minutes)" */
		if (unit.len > 0 && unit.data[unit.len - 1] == ')' &&
		    slice_find_char(unit, '(') < 0)
			unit.len--;
		if (!slice_is(unit, UNITS[i].name))
			continue;
		*seconds = UNITS[i].seconds;
		r->at = begin + unit.len;
		return true;
	}
	return false;
}

/* ":05:00" or ":59" behind a number of hours or minutes. */
static bool take_clock(struct reading *r, uint32_t *value)
{
	unsigned parts = 1;

	while (parts < 3 && peek(r) == ':') {
		uint32_t part;

		r->at++;
		if (!take_number(r, &part) || part >= 60)
			return false;
		*value = *value * 60 + part;
		parts++;
	}
	return parts > 1 && !is_word(peek(r)) && peek(r) != ':';
}

/* "180 seconds", "15min", "00:05:00", "4 minutes and 20 seconds", from where a number begins. */
static uint64_t take_time(struct reading *r)
{
	uint64_t total = 0;
	uint32_t value, unit;

	if (!take_number(r, &value))
		return 0;
	if (peek(r) == ':')
		return take_clock(r, &value) ? value : 0;
	while (take_unit(r, &unit)) {
		struct reading next = *r;
		static const char *const JOINTS[] = {" and ", ", ", " "};

		total += (uint64_t)value * unit;
		for (size_t i = 0; i < sizeof(JOINTS) / sizeof(JOINTS[0]) && next.at == r->at; i++)
			if (slice_starts_with(slice_from(r->text, r->at), JOINTS[i]))
				next.at += slice_of(JOINTS[i]).len;
		if (next.at == r->at || !take_number(&next, &value))
			break;
		*r = next;
	}
	return total;
}

static bool any_of(struct slice text, const char *const *words, size_t count, bool whole)
{
	for (size_t i = 0; i < count; i++)
		if (whole ? slice_is(text, words[i]) : slice_find(text, slice_of(words[i])) >= 0)
			return true;
	return false;
}

static struct slice last_word(struct slice text)
{
	size_t begin;

	while (text.len > 0 && !is_word(text.data[text.len - 1]))
		text.len--;
	begin = text.len;
	while (begin > 0 && is_word(text.data[begin - 1]))
		begin--;
	return slice_from(text, begin);
}

/* Whether the time between `begin` and where `r` stands is one that we are asked to wait. */
static bool is_asked(const struct reading *r, size_t begin)
{
	size_t from = begin > CUE_WITHIN ? begin - CUE_WITHIN : 0;
	struct slice before = slice_first(slice_from(r->text, from), begin - from);

	if (slice_starts_with(slice_from(r->text, r->at), " later"))
		return true;
	return any_of(before, CUES, sizeof(CUES) / sizeof(CUES[0]), false) &&
	       any_of(last_word(before), BEFORE, sizeof(BEFORE) / sizeof(BEFORE[0]), true);
}

/* Only the server's own words are searched: Postfix's "delay" and "retry" around them ask for
 * nothing. Lines are joined first, since a delay may be broken over two. */
static struct slice folded_reply(char *out, size_t size, struct slice reason)
{
	struct slice reply;

	reason_one_line(out, size, reason, &reply);
	for (char *c = out + (reply.data - out); c < reply.data + reply.len; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return reply;
}

uint32_t asked_delay(struct slice reason)
{
	char line[REASON_ONE_LINE_MAX];
	struct slice reply = folded_reply(line, sizeof(line), reason);
	struct reading r = {reply, 0};

	while (r.at < reply.len) {
		size_t begin = r.at;
		uint64_t seconds;

		/* A number inside a word, a version or an address ("10.0.5.300") is not the
		 * beginning of a time. */
		if (!is_digit(reply.data[begin]) ||
		    (begin > 0 && (is_word(reply.data[begin - 1]) || reply.data[begin - 1] == '.' ||
				      reply.data[begin - 1] == ':'))) {
			r.at++;
			continue;
		}
		seconds = take_time(&r);
		if (seconds > 0 && seconds <= ASKED_DELAY_MAX && is_asked(&r, begin))
			return (uint32_t)seconds;
		r.at = r.at > begin ? r.at : begin + 1;
	}
	return 0;
}
