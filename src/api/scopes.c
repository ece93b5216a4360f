/* Scopes that were used last, by their texts: a page asks many times a second for the same one. */
#include "api/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "access/caller.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "query/changes.h"
#include "query/scope_within.h"

/* Accounts that work at the same time and see different parts. A large one takes a millisecond to
 * be read again. */
#define SCOPES_KEPT 32

/* Counting the changes of a scope takes four bytes a message; who has gone needs none. */
#define COUNTED_MS 600000

struct api_scopes {
	struct query *query;
	struct {
		char *text;
		struct query_scope *scope;
		struct query_changes *changes; /* NULL: nobody has asked lately */
		int64_t asked_ms;
	} kept[SCOPES_KEPT];
	size_t next;
};

struct api_scopes *api_scopes_create(struct query *query)
{
	struct api_scopes *scopes = memory_zero(1, sizeof(*scopes));

	scopes->query = query;
	return scopes;
}

static void forget(struct api_scopes *scopes, size_t i)
{
	query_changes_free(&scopes->kept[i].changes);
	free(scopes->kept[i].text);
	query_scope_free(scopes->kept[i].scope);
}

void api_scopes_destroy(struct api_scopes **pointer)
{
	struct api_scopes *scopes = *pointer;

	for (size_t i = 0; scopes != NULL && i < SCOPES_KEPT; i++)
		forget(scopes, i);
	free(scopes);
	*pointer = NULL;
}

/* What a text stands for that is no filter: nothing has such a size. */
static struct query_scope *nothing(void)
{
	return query_scope_create(SLICE("size<0"), NULL);
}

static bool is_filter(struct slice text)
{
	struct query_scope *scope = query_scope_create(text, NULL);
	/* The empty text would be everything, which nobody writes who means a part. */
	bool good = scope != NULL && !query_scope_is_all(scope);

	query_scope_free(scope);
	return good;
}

/* One text, or two of which both must match. Each is a filter by itself before they are put
 * together, so that no parenthesis or quote of one reaches into the other. */
struct query_scope *api_scope_read(const char *text)
{
	BUFFER_AUTO struct buffer both = {0};
	struct slice rest = slice_of(text), one;
	size_t count = 0;

	while (slice_split(&rest, ACCESS_SCOPE_AND, &one)) {
		if (!is_filter(one))
			return NULL;
		buffer_printf(&both, "%s(%.*s)", count++ > 0 ? " " : "", SLICE_ARGS(one));
	}
	return count > 0 ? query_scope_create(buffer_slice(&both), NULL) : NULL;
}

bool api_scope_good(const char *text)
{
	struct query_scope *scope = text != NULL ? api_scope_read(text) : NULL;

	query_scope_free(scope);
	return text == NULL || scope != NULL;
}

/* ---- In words ---- */

/* What a scope can be told by: a word of the API, and its English before the values. */
static const struct {
	const char *what, *english;
} kinds[] = {{"to", "mail to "}, {"from", "mail from "}, {"login", "mail of login "},
    {"client", "mail that came from client "}};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* "shop.example" of the glob *@shop.example; empty for any other. */
static struct slice domain_of(const struct filter_node *term)
{
	bool is_domain = term->match == FILTER_GLOB && slice_starts_with(term->pattern, "*@") &&
			 slice_find_char(slice_from(term->pattern, 2), '*') < 0 &&
			 slice_find_char(term->pattern, '?') < 0;

	return is_domain ? slice_from(term->pattern, 2) : SLICE("");
}

/* Which kind of part a term is, with its value: an address, a domain, a login. KINDS where it takes
 * more to say it than that. */
static size_t kind_of(const struct filter_node *term, struct slice *value)
{
	bool exact = term->match == FILTER_EXACT;

	*value = exact ? term->pattern : domain_of(term);
	/* The null sender is no address. */
	if (term->kind != FILTER_TEXT || value->len == 0)
		return KINDS;
	switch (term->field) {
	case FILTER_DOMAIN:
		return exact ? 0 : KINDS;
	case FILTER_TO:
		return 0;
	case FILTER_FROM:
		return 1;
	case FILTER_LOGIN:
		return exact ? 2 : KINDS;
	case FILTER_CLIENT:
		return exact ? 3 : KINDS;
	default:
		return KINDS;
	}
}

/* Whether a node is another form of a domain than the one that was written. */
static bool is_other_form(const struct filter_node *nodes, uint32_t count, uint32_t i)
{
	for (uint32_t k = i + 1; k < count; k++) {
		if (nodes[k].kind != FILTER_OR || !nodes[k].forms || nodes[k].first_child == i)
			continue;
		for (uint32_t c = nodes[k].first_child; c != FILTER_NONE; c = nodes[c].next_sibling)
			if (c == i)
				return true;
	}
	return false;
}

/* A database may hold anything. */
static json_t *text_json(struct slice text)
{
	BUFFER_AUTO struct buffer valid = {0};

	utf8_append_valid(&valid, text);
	return json_stringn_nocheck(valid.len > 0 ? valid.data : "", valid.len);
}

static void put_value(json_t *values, struct slice value)
{
	bool told = false;

	for (size_t i = 0; i < json_array_size(values) && !told; i++)
		told = slice_is(value, json_string_value(json_array_get(values, i)));
	if (!told)
		json_array_append_new(values, text_json(value));
}

/* {"to": ["shop.example"]} where the filter is nothing but any of such parts; else false. */
static bool put_parts(const struct filter *filter, json_t *values[KINDS])
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(filter, &count);
	struct slice value;

	for (uint32_t i = 0; i < count; i++) {
		size_t kind = kind_of(&nodes[i], &value);

		if (nodes[i].kind == FILTER_OR || is_other_form(nodes, count, i))
			continue;
		if (kind == KINDS)
			return false;
		put_value(values[kind], value);
	}
	return count > 0;
}

/* One text of a scope: its filter, and `any`, which is null where the filter says more than that.
 */
static json_t *part_json(struct slice text)
{
	struct filter *filter = filter_parse(text, NULL);
	json_t *values[KINDS], *any = json_array();
	bool good;

	for (size_t i = 0; i < KINDS; i++)
		values[i] = json_array();
	good = filter != NULL && put_parts(filter, values);
	for (size_t i = 0; i < KINDS; i++) {
		if (good && json_array_size(values[i]) > 0)
			json_array_append_new(
			    any, json_pack("{ss, sO}", "what", kinds[i].what, "values", values[i]));
		json_decref(values[i]);
	}
	filter_free(filter);
	if (good)
		return json_pack("{so, so}", "filter", text_json(text), "any", any);
	json_decref(any);
	return json_pack("{so, sn}", "filter", text_json(text), "any");
}

json_t *api_scope_parts(const char *text)
{
	struct slice rest = slice_of(text), one;
	json_t *list = json_array();

	while (slice_split(&rest, ACCESS_SCOPE_AND, &one))
		json_array_append_new(list, part_json(one));
	return list;
}

/* "mail to shop.example, other.example". */
static void append_kind(const json_t *part, struct buffer *out)
{
	const json_t *value;
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].what, json_string_value(json_object_get(part, "what"))) == 0)
			buffer_append_string(out, kinds[i].english);
	json_array_foreach(json_object_get(part, "values"), i, value)
	    buffer_printf(out, "%s%s", i > 0 ? ", " : "", json_string_value(value));
}

void api_scope_words(const char *text, struct buffer *out)
{
	json_t *list = api_scope_parts(text), *one, *part;
	size_t i, k;

	json_array_foreach(list, i, one)
	{
		const json_t *any = json_object_get(one, "any");

		/* The account's scope and its token's. */
		buffer_append_string(out, i > 0 ? "; of that: " : "");
		if (!json_is_array(any))
			buffer_append_string(
			    out, json_string_value(json_object_get(one, "filter")));
		json_array_foreach(any, k, part)
		{
			buffer_append_string(out, k > 0 ? ", and " : "");
			append_kind(part, out);
		}
	}
	json_decref(list);
}

bool api_scope_within(const char *inner, const char *outer)
{
	struct query_scope *a = api_scope_read(inner), *b = api_scope_read(outer);
	bool within = a != NULL && b != NULL && query_scope_within(a, b);

	query_scope_free(a);
	query_scope_free(b);
	return within;
}

/* Its place; it is put there where it is not. */
static size_t place_of(struct api_scopes *scopes, const char *text)
{
	struct query_scope *scope;
	size_t at;

	for (size_t i = 0; i < SCOPES_KEPT; i++) {
		if (scopes->kept[i].text != NULL && strcmp(scopes->kept[i].text, text) == 0)
			return i;
	}
	scope = api_scope_read(text);
	/* In a circle: more accounts than places cost time and never a wrong scope. */
	at = scopes->next++ % SCOPES_KEPT;
	forget(scopes, at);
	scopes->kept[at].changes = NULL;
	scopes->kept[at].text = memory_strdup(text);
	/* A scope that cannot be read must show nothing: to show everything would be the fault that
	 * counts. */
	scopes->kept[at].scope = scope != NULL ? scope : nothing();
	return at;
}

const struct query_scope *api_scopes_get(struct api_scopes *scopes, const char *text)
{
	/* No scope of his own: he sees everything. */
	return text == NULL ? query_scope_all() : scopes->kept[place_of(scopes, text)].scope;
}

static void count_no_more(struct api_scopes *scopes, int64_t now_ms)
{
	for (size_t i = 0; i < SCOPES_KEPT; i++)
		if (now_ms - scopes->kept[i].asked_ms > COUNTED_MS)
			query_changes_free(&scopes->kept[i].changes);
}

uint64_t api_scopes_generation(struct api_scopes *scopes, const char *text, uint64_t generation)
{
	int64_t now_ms = clock_monotonic_ms();
	struct query_changes **changes;
	size_t at;

	if (text == NULL)
		return generation;
	at = place_of(scopes, text);
	changes = &scopes->kept[at].changes;
	scopes->kept[at].asked_ms = now_ms;
	count_no_more(scopes, now_ms);
	/* By the clock: larger than any number before, as it never goes up a thousand times a
	 * second. */
	if (*changes == NULL)
		*changes = query_changes_create(scopes->query, scopes->kept[at].scope,
		    (uint64_t)(clock_now_us() / 1000), clock_now());
	query_changes_look(*changes, clock_now());
	return query_changes_count(*changes, generation);
}
