/* Scopes that were used last, by their texts: a page asks many times a second for the same one. */
#include "api/scopes.h"

#include <stdlib.h>
#include <string.h>

#include "access/caller.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
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

/* The domain that a term is all about: "shop.example" of domain:=shop.example, from:*@shop.example
 * and to:*@shop.example. Empty for any other. */
static struct slice domain_of(const struct filter_node *term)
{
	if (term->kind != FILTER_TEXT)
		return SLICE("");
	if (term->field == FILTER_DOMAIN && term->match == FILTER_EXACT)
		return term->pattern;
	if ((term->field == FILTER_FROM || term->field == FILTER_TO) &&
	    term->match == FILTER_GLOB && slice_starts_with(term->pattern, "*@") &&
	    slice_find_char(slice_from(term->pattern, 2), '*') < 0 &&
	    slice_find_char(term->pattern, '?') < 0)
		return slice_from(term->pattern, 2);
	return SLICE("");
}

/* "shop.example, other.example" where the scope is nothing but any of these domains. */
static bool append_domains(const struct filter *filter, struct buffer *out)
{
	uint32_t count;
	const struct filter_node *nodes = filter_nodes(filter, &count);

	for (uint32_t i = 0; i < count; i++) {
		struct slice domain = domain_of(&nodes[i]);
		bool told = false;

		if (nodes[i].kind == FILTER_OR)
			continue;
		if (domain.len == 0)
			return false;
		for (uint32_t k = 0; k < i && !told; k++)
			told = slice_equal(domain_of(&nodes[k]), domain);
		if (!told)
			buffer_printf(out, "%s%.*s", out->len > 0 ? ", " : "", SLICE_ARGS(domain));
	}
	return count > 0;
}

void api_scope_words(const char *text, struct buffer *out)
{
	struct slice rest = slice_of(text), one;

	while (slice_split(&rest, ACCESS_SCOPE_AND, &one)) {
		BUFFER_AUTO struct buffer words = {0};
		struct filter *filter = filter_parse(one, NULL);

		if (filter == NULL || !append_domains(filter, &words)) {
			buffer_clear(&words);
			buffer_append_slice(&words, one);
		}
		filter_free(filter);
		/* The account's scope and its token's. */
		buffer_printf(
		    out, "%s%.*s", out->len > 0 ? "; " : "", SLICE_ARGS(buffer_slice(&words)));
	}
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
