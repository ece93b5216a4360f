/* A scope's terms, from the leaves on, each with one of three answers. */
#include "query/scope_facts.h"

#include <string.h>

#include "base/memory.h"
#include "query/internal.h"

enum answer { NO, YES, UNKNOWN };

struct deciding {
	const struct filter_node *nodes;
	const struct query_facts *facts;
	enum answer *of; /* the nodes */
	struct buffer *scratch;
};

static bool matches(struct deciding *d, const struct filter_node *term, struct slice text)
{
	return filter_match_text(term, text, d->scratch);
}

static enum answer known_text(
    struct deciding *d, const struct filter_node *term, bool known, struct slice text)
{
	if (!known)
		return UNKNOWN;
	return matches(d, term, text) ? YES : NO;
}

/* Where it was addressed to at first is looked at, too, and the log does not always say it. */
static enum answer by_recipient(struct deciding *d, const struct filter_node *term)
{
	const struct query_facts *f = d->facts;

	if ((f->recipient.len > 0 && matches(d, term, f->recipient)) ||
	    (f->original.len > 0 && matches(d, term, f->original)))
		return YES;
	return f->recipient.len > 0 && f->original.len > 0 ? NO : UNKNOWN;
}

static enum answer by_domain(struct deciding *d, const struct filter_node *term)
{
	struct slice address = d->facts->recipient;
	const char *at = address.len > 0 ? memrchr(address.data, '@', address.len) : NULL;

	return known_text(d, term, at != NULL,
	    at != NULL ? slice_from(address, (size_t)(at + 1 - address.data)) : SLICE(""));
}

/* "name[address]": either may match. */
static enum answer by_client(struct deciding *d, const struct filter_node *term)
{
	struct slice rest = d->facts->client, name;

	if (!slice_ends_with(rest, "]") || !slice_split(&rest, '[', &name) || rest.data == NULL)
		return UNKNOWN;
	return matches(d, term, name) || matches(d, term, slice_first(rest, rest.len - 1)) ? YES
											   : NO;
}

/* A bare word is looked for in more than is known here. */
static enum answer by_any(struct deciding *d, const struct filter_node *term)
{
	const struct query_facts *f = d->facts;
	bool found = (f->has_sender && matches(d, term, f->sender)) || by_recipient(d, term) == YES;

	return found ? YES : UNKNOWN;
}

static enum answer by_text(struct deciding *d, const struct filter_node *term)
{
	const struct query_facts *f = d->facts;

	switch (term->field) {
	case FILTER_FROM:
		return known_text(d, term, f->has_sender, f->sender);
	case FILTER_LOGIN:
		return known_text(d, term, f->login.len > 0, f->login);
	case FILTER_CLIENT:
		return by_client(d, term);
	case FILTER_TO:
		return by_recipient(d, term);
	case FILTER_DOMAIN:
		return by_domain(d, term);
	case FILTER_ANY:
		return by_any(d, term);
	default:
		return UNKNOWN;
	}
}

/* Of an `and` NO decides, of an `or` YES; else it is the opposite, unless one is not known. */
static enum answer by_children(
    const struct deciding *d, const struct filter_node *n, enum answer decides)
{
	enum answer answer = decides == NO ? YES : NO;

	for (uint32_t c = n->first_child; c != FILTER_NONE; c = d->nodes[c].next_sibling) {
		if (d->of[c] == decides)
			return decides;
		if (d->of[c] == UNKNOWN)
			answer = UNKNOWN;
	}
	return answer;
}

static enum answer by_node(struct deciding *d, const struct filter_node *n)
{
	switch (n->kind) {
	case FILTER_AND:
		return by_children(d, n, NO);
	case FILTER_OR:
		return by_children(d, n, YES);
	case FILTER_NOT:
		return d->of[n->first_child] == UNKNOWN ? UNKNOWN
		       : d->of[n->first_child] == YES	? NO
							: YES;
	case FILTER_TEXT:
		return by_text(d, n);
	default: /* sizes and times */
		return UNKNOWN;
	}
}

bool query_scope_has_facts(const struct query_scope *scope, const struct query_facts *facts)
{
	BUFFER_AUTO struct buffer scratch = {0};
	MEMORY_AUTO enum answer *of = NULL;
	struct deciding d = {.facts = facts, .scratch = &scratch};
	uint32_t count;

	if (query_scope_is_all(scope))
		return true;
	d.nodes = filter_nodes(scope->filter, &count);
	d.of = of = memory_alloc(count * sizeof(*of));
	/* Children stand before their parents; the last is all of it. */
	for (uint32_t i = 0; i < count; i++)
		of[i] = by_node(&d, &d.nodes[i]);
	return of[count - 1] == YES;
}
