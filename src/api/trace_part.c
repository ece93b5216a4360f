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
	bool found;	 /* by something that is shown */
	bool hides;	 /* a recipient is not shown */
	int64_t last_us; /* the newest line of those that are shown */
	/* The places of what was shown. */
	struct {
		int64_t us;
		char id[LOG_PROTO_ID_MAX + 1];
	} shown[LOG_TRACE_LIMIT_MAX + 1], now;
	size_t shown_count;
};

static struct slice bare(struct slice text)
{
	text = slice_trim(text);
	if (text.len >= 2 && text.data[0] == '<' && text.data[text.len - 1] == '>')
		text = slice_make(text.data + 1, text.len - 2);
	return text;
}

struct trace_part *trace_part_create(const char *scope, struct slice text)
{
	struct trace_part *part = memory_zero(1, sizeof(*part));

	part->scope = api_scope_read(scope);
	text = bare(text);
	part->text = memory_strndup(text.data, text.len);
	return part;
}

void trace_part_destroy(struct trace_part **pointer)
{
	struct trace_part *part = *pointer;

	if (part == NULL)
		return;
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
	for (size_t i = 0; i < m->id_count; i++)
		part->found |= is_id(part, m->ids[i]);
	part->last_us = m->arrival_us;
	part->now.us = m->last_us;
	memset(part->now.id, 0, sizeof(part->now.id));
	memcpy(part->now.id, m->ids[0].data, m->ids[0].len);
}

bool trace_part_has(struct trace_part *part, const struct log_traced_recipient *r)
{
	const struct query_facts facts = {.has_sender = part->has_sender,
	    .sender = buffer_slice(&part->sender),
	    .login = buffer_slice(&part->login),
	    .client = buffer_slice(&part->client),
	    .recipient = r->address,
	    .original = r->original};

	if (part->scope == NULL || !query_scope_has_facts(part->scope, &facts)) {
		part->hides = true;
		return false;
	}
	part->found |= is_address(part, r->address) || is_address(part, r->original) ||
		       is_id(part, r->remote_id);
	if (r->at_us > part->last_us)
		part->last_us = r->at_us;
	return true;
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
	if (!part->found || json_array_size(recipients) == 0)
		return false;
	json_object_set_new(message, "last", api_time(part->last_us / 1000000));
	if (part->hides)
		json_object_set_new(message, "recipients_cut", json_false());
	if (part->shown_count <= LOG_TRACE_LIMIT_MAX)
		part->shown[part->shown_count++] = part->now;
	return true;
}

void trace_part_last(
    const struct trace_part *part, size_t count, int64_t *last_us, char id[LOG_PROTO_ID_MAX + 1])
{
	size_t n = count < part->shown_count ? count : part->shown_count;

	if (n == 0)
		return;
	*last_us = part->shown[n - 1].us;
	memcpy(id, part->shown[n - 1].id, sizeof(part->shown[0].id));
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
#define HIDDEN_BYTES (8 + LOG_PROTO_ID_MAX + 1)

void trace_part_hide_place(const struct numbers *numbers, int64_t last_us, const char *id,
    char text[TRACE_PART_HIDDEN_SIZE])
{
	unsigned char bytes[HIDDEN_BYTES] = {0};

	memcpy(bytes, &last_us, 8);
	memcpy(bytes + 8, id, strlen(id));
	text[0] = '~';
	numbers_seal(numbers, bytes, sizeof(bytes), text + 1, TRACE_PART_HIDDEN_SIZE - 1);
}

bool trace_part_find_place(const struct numbers *numbers, struct slice text,
    char id[LOG_PROTO_ID_MAX + 1], struct log_trace_place *place)
{
	unsigned char bytes[HIDDEN_BYTES];

	if (numbers == NULL || !slice_starts_with(text, "~") ||
	    !numbers_open(numbers, slice_from(text, 1), bytes, sizeof(bytes)))
		return false;
	memcpy(&place->last_us, bytes, 8);
	memcpy(id, bytes + 8, LOG_PROTO_ID_MAX + 1);
	place->id = slice_of(id);
	return true;
}
