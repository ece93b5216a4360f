/* Decides what of a trace is within a scope. A message is not shown because of something that is
 * not shown: who searches for an address must not hear that mail of his goes there, too. */
#include "api/trace_part.h"

#include <stdlib.h>
#include <string.h>

#include "api/scopes.h"
#include "base/memory.h"
#include "query/scope_facts.h"

struct trace_part {
	struct query_scope *scope;
	char *text;			     /* without blanks and angle brackets */
	struct buffer sender, login, client; /* of the message */
	bool has_sender;
	bool found;	   /* by something that is shown */
	bool found_by_id;  /* so each line is of what was asked */
	bool hides;	   /* a recipient is not shown */
	int64_t newest_us; /* of the whole message, of what was asked */
	/* The newest of what is shown: of all of it, and of what was asked; 0: none yet. */
	int64_t shown_us, asked_us;
	int64_t from_us; /* nothing older is wanted */
	struct place {
		int64_t us;
		char id[LOG_PROTO_ID_MAX + 1];
	} now, after; /* `after`: of the page before; no ID: there is none */
	/* The first ones so far, in their order. */
	struct {
		struct place place;
		json_t *message;
	} kept[LOG_TRACE_LIMIT_MAX + 1];
	size_t kept_count, wanted;
};

static struct slice bare(struct slice text)
{
	text = slice_trim(text);
	if (text.len >= 2 && text.data[0] == '<' && text.data[text.len - 1] == '>')
		text = slice_make(text.data + 1, text.len - 2);
	return text;
}

static void place_set(struct place *place, int64_t us, struct slice id)
{
	place->us = us;
	memset(place->id, 0, sizeof(place->id));
	memcpy(place->id, id.data, id.len);
}

/* As the log reader's pages are: newer ones first, those of one time by their IDs. */
static int place_compare(const struct place *a, const struct place *b)
{
	if (a->us != b->us)
		return a->us > b->us ? -1 : 1;
	return strcmp(a->id, b->id);
}

struct trace_part *trace_part_create(const char *scope, const struct log_trace_question *question,
    const struct trace_page *begin, size_t wanted)
{
	struct trace_part *part = memory_zero(1, sizeof(*part));
	struct slice text = bare(question->text);

	part->scope = api_scope_read(scope);
	part->text = memory_strndup(text.data, text.len);
	part->from_us = question->from_us;
	part->wanted = wanted < sizeof(part->kept) / sizeof(part->kept[0])
			   ? wanted
			   : sizeof(part->kept) / sizeof(part->kept[0]);
	place_set(&part->after, begin->shown_us, slice_of(begin->shown_id));
	return part;
}

void trace_part_destroy(struct trace_part **pointer)
{
	struct trace_part *part = *pointer;

	if (part == NULL)
		return;
	for (size_t i = 0; i < part->kept_count; i++)
		json_decref(part->kept[i].message);
	query_scope_free(part->scope);
	buffer_free(&part->sender);
	buffer_free(&part->login);
	buffer_free(&part->client);
	free(part->text);
	free(part);
	*pointer = NULL;
}

/* ---- Whether it would be found ---- */

static bool is_id(const struct trace_part *part, struct slice id)
{
	return id.len > 0 && slice_is(bare(id), part->text);
}

/* As the log finds it: the whole, or its domain. */
static bool is_address(const struct trace_part *part, struct slice address)
{
	const char *at = address.len > 0 ? memrchr(address.data, '@', address.len) : NULL;

	return address.len > 0 &&
	       (slice_equal_nocase(address, slice_of(part->text)) ||
		   (at != NULL &&
		       slice_equal_nocase(slice_from(address, (size_t)(at + 1 - address.data)),
			   slice_of(part->text))));
}

static void keep(struct buffer *to, struct slice text)
{
	buffer_clear(to);
	buffer_append_slice(to, text);
}

void trace_part_begin(struct trace_part *part, const struct log_traced_message *m)
{
	keep(&part->sender, m->sender);
	keep(&part->login, m->login);
	keep(&part->client, m->client);
	part->has_sender = m->has_sender;
	part->hides = false;
	part->found =
	    is_id(part, m->message_id) || is_address(part, m->sender) || is_address(part, m->login);
	/* These were logged when it came. Each attempt logs the sender anew: also one for somebody
	 * else. */
	part->asked_us = part->found ? m->arrival_us : 0;
	part->found_by_id = false;
	for (size_t i = 0; i < m->id_count; i++)
		part->found_by_id |= is_id(part, m->ids[i]);
	part->found |= part->found_by_id;
	part->shown_us = m->arrival_us;
	part->newest_us = m->last_us;
	place_set(&part->now, 0, m->ids[0]);
}

static void note_time(int64_t *newest, int64_t us)
{
	if (us > *newest)
		*newest = us;
}

bool trace_part_has(struct trace_part *part, const struct log_traced_recipient *r)
{
	struct query_facts facts = {.recipient = r->address, .original = r->original};

	/* To whom a list sends it on is not for who sees the mail of somebody who writes to it. */
	if (!r->other_sender) {
		facts.has_sender = part->has_sender;
		facts.sender = buffer_slice(&part->sender);
		facts.login = buffer_slice(&part->login);
		facts.client = buffer_slice(&part->client);
	}
	if (part->scope == NULL || !query_scope_has_facts(part->scope, &facts)) {
		part->hides = true;
		return false;
	}
	note_time(&part->shown_us, r->at_us);
	if (!is_address(part, r->address) && !is_address(part, r->original) &&
	    !is_id(part, r->remote_id))
		return true;
	part->found = true;
	note_time(&part->asked_us, r->at_us);
	return true;
}

/* Where it stands in the order. */
static int64_t time_of(const struct trace_part *part)
{
	int64_t us = part->found_by_id || part->asked_us <= 0 ? part->shown_us : part->asked_us;

	/* What is said of a recipient may be newer than the times that were asked. */
	return us < part->newest_us ? us : part->newest_us;
}

static void keep_message(struct trace_part *part, json_t *message)
{
	size_t at = part->kept_count;

	while (at > 0 && place_compare(&part->now, &part->kept[at - 1].place) < 0)
		at--;
	if (at >= part->wanted)
		return;
	if (part->kept_count == part->wanted)
		json_decref(part->kept[--part->kept_count].message);
	memmove(
	    &part->kept[at + 1], &part->kept[at], (part->kept_count - at) * sizeof(part->kept[0]));
	part->kept[at].place = part->now;
	part->kept[at].message = json_incref(message);
	part->kept_count++;
}

bool trace_part_finish(struct trace_part *part, json_t *message, const json_t *recipients)
{
	const json_t *recipient;
	size_t i;

	/* Those that the queue added were not seen here before. */
	json_array_foreach(recipients, i, recipient)
	{
		const char *address = json_string_value(json_object_get(recipient, "address"));
		const char *original = json_string_value(json_object_get(recipient, "original"));

		part->found |= is_address(part, slice_of(address != NULL ? address : "")) ||
			       is_address(part, slice_of(original != NULL ? original : ""));
	}
	part->now.us = time_of(part);
	/* What is newer is about somebody else. */
	if (!part->found || json_array_size(recipients) == 0 || part->now.us < part->from_us)
		return false;
	json_object_set_new(message, "last", api_time(part->now.us / 1000000));
	if (part->hides)
		json_object_set_new(message, "recipients_cut", json_false());
	if (part->after.id[0] == '\0' || place_compare(&part->now, &part->after) > 0)
		keep_message(part, message);
	return true;
}

bool trace_part_is_full(const struct trace_part *part, int64_t last_us)
{
	return part->kept_count == part->wanted && part->kept[part->wanted - 1].place.us > last_us;
}

bool trace_part_take(const struct trace_part *part, size_t limit, json_t *messages,
    int64_t *last_us, char id[LOG_PROTO_ID_MAX + 1])
{
	size_t count = part->kept_count < limit ? part->kept_count : limit;

	for (size_t i = 0; i < count; i++)
		json_array_append(messages, part->kept[i].message);
	if (count > 0) {
		*last_us = part->kept[count - 1].place.us;
		memcpy(id, part->kept[count - 1].place.id, sizeof(part->kept[0].place.id));
	}
	return part->kept_count > limit;
}

/* ---- Places ---- */

/* A time in microseconds needs more bits than a number of numbers.h has: it is two of them. */
#define LOW_BITS 39

void trace_part_place(
    const struct numbers *numbers, int64_t last_us, const char *id, char *text, size_t size)
{
	long long high = (long long)numbers_shown(numbers, NUMBER_TIME, (last_us >> LOW_BITS) + 1);
	long long low = (long long)numbers_shown(
	    numbers, NUMBER_TIME, (last_us & ((INT64_C(1) << LOW_BITS) - 1)) + 1);

	if (numbers == NULL)
		snprintf(text, size, "%lld-%s", (long long)last_us, id);
	else
		snprintf(text, size, "%lld.%lld-%s", high, low, id);
}

bool trace_part_read_place(
    const struct numbers *numbers, struct slice text, struct log_trace_place *place)
{
	struct slice digits, high;
	uint64_t a, b;

	if (!slice_split(&text, '-', &digits) || text.data == NULL)
		return false;
	place->id = text;
	if (numbers == NULL) {
		bool good = slice_to_u64(digits, &a) && a <= INT64_MAX;

		place->last_us = good ? (int64_t)a : 0;
		return good;
	}
	if (!slice_split(&digits, '.', &high) || digits.data == NULL || !slice_to_u64(high, &a) ||
	    !slice_to_u64(digits, &b) || a > INT64_MAX || b > INT64_MAX)
		return false;
	a = (uint64_t)numbers_meant(numbers, NUMBER_TIME, (int64_t)a);
	b = (uint64_t)numbers_meant(numbers, NUMBER_TIME, (int64_t)b);
	/* Made up: a time beyond all, or none. */
	if (a == 0 || b == 0 || a > (UINT64_C(1) << 24) || b > (UINT64_C(1) << LOW_BITS))
		return false;
	place->last_us = (int64_t)((a - 1) << LOW_BITS | (b - 1));
	return true;
}

/* The same size for every ID: a longer text would tell of a longer one. */
#define ONE_BYTES (8 + LOG_PROTO_ID_MAX + 1)
#define HIDDEN_BYTES ((size_t)2 * ONE_BYTES)

void trace_page_hide(const struct numbers *numbers, const struct trace_page *begin,
    char text[TRACE_PART_HIDDEN_SIZE])
{
	unsigned char bytes[HIDDEN_BYTES] = {0};

	memcpy(bytes, &begin->from_us, 8);
	memcpy(bytes + 8, begin->from_id, strlen(begin->from_id));
	memcpy(bytes + ONE_BYTES, &begin->shown_us, 8);
	memcpy(bytes + ONE_BYTES + 8, begin->shown_id, strlen(begin->shown_id));
	text[0] = '~';
	numbers_seal(numbers, bytes, sizeof(bytes), text + 1, TRACE_PART_HIDDEN_SIZE - 1);
}

bool trace_page_find(const struct numbers *numbers, struct slice text, struct trace_page *begin)
{
	unsigned char bytes[HIDDEN_BYTES];

	if (numbers == NULL || !slice_starts_with(text, "~") ||
	    !numbers_open(numbers, slice_from(text, 1), bytes, sizeof(bytes)))
		return false;
	memcpy(&begin->from_us, bytes, 8);
	memcpy(begin->from_id, bytes + 8, LOG_PROTO_ID_MAX + 1);
	memcpy(&begin->shown_us, bytes + ONE_BYTES, 8);
	memcpy(begin->shown_id, bytes + ONE_BYTES + 8, LOG_PROTO_ID_MAX + 1);
	return true;
}
