/* The list of what is degraded now. A notice that is set again with another text keeps its age;
 * each that comes or goes is a line in the log. */
#include "watch/notices.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

/* There are not so many things that can be wrong. */
#define NOTICES_MAX 64

struct notice {
	const char *owner;
	char *code, *text, *fix; /* fix "" for none */
	char *words, *fix_words; /* of both; "" for none */
	const char *severity;
	int64_t since, until; /* until 0: until it is cleared */
	bool stale;	      /* while a whole set is being replaced */
};

struct notices {
	struct notice items[NOTICES_MAX];
	size_t count;
	uint64_t version;
};

static const char *const severities[] = {"error", "warning", "info"};

struct notices *notices_create(void)
{
	return memory_zero(1, sizeof(struct notices));
}

static void drop(struct notices *n, size_t i)
{
	free(n->items[i].code);
	free(n->items[i].text);
	free(n->items[i].fix);
	free(n->items[i].words);
	free(n->items[i].fix_words);
	n->items[i] = n->items[--n->count];
	n->version++;
}

void notices_destroy(struct notices **notices)
{
	if (*notices == NULL)
		return;
	while ((*notices)->count > 0)
		drop(*notices, 0);
	free(*notices);
	*notices = NULL;
}

/* Each source has its own: two may use one code. */
static struct notice *find(struct notices *n, const char *owner, const char *code)
{
	for (size_t i = 0; i < n->count; i++)
		if (strcmp(n->items[i].owner, owner) == 0 && strcmp(n->items[i].code, code) == 0)
			return &n->items[i];
	return NULL;
}

/* One of the three constants. */
static const char *severity_of(const char *text)
{
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
		if (strcmp(severities[i], text) == 0)
			return severities[i];
	return severities[1];
}

static struct notice *add(struct notices *n, const char *owner, const char *code)
{
	struct notice *item;

	/* Better one too few than a list without an end. */
	if (n->count == NOTICES_MAX)
		return NULL;
	item = &n->items[n->count++];
	*item = (struct notice){.owner = owner,
	    .code = memory_strdup(code),
	    .text = memory_strdup(""),
	    .fix = memory_strdup(""),
	    .words = memory_strdup(""),
	    .fix_words = memory_strdup(""),
	    .since = clock_now()};
	return item;
}

static void set_text(char **old, struct slice text)
{
	free(*old);
	*old = memory_strndup(text.len > 0 ? text.data : "", text.len);
}

/* What was told is replaced where anything of it differs. */
static void set(struct notices *n, const char *owner, const char *code, const char *severity,
    const struct slice texts[4], int64_t seconds)
{
	struct notice *item = find(n, owner, code);

	if (item == NULL)
		item = add(n, owner, code);
	if (item == NULL)
		return;
	item->until = seconds > 0 ? clock_now() + seconds : 0;
	item->stale = false;
	if (slice_is(texts[0], item->text) && slice_is(texts[1], item->words) &&
	    slice_is(texts[2], item->fix) && slice_is(texts[3], item->fix_words) &&
	    item->severity == severity_of(severity))
		return;
	set_text(&item->text, texts[0]);
	set_text(&item->words, texts[1]);
	set_text(&item->fix, texts[2]);
	set_text(&item->fix_words, texts[3]);
	item->severity = severity_of(severity);
	n->version++;
	log_warning("%s: %s", code, item->text);
}

void notices_set_for(struct notices *n, const char *owner, const char *code, const char *severity,
    const struct said *text, const struct said *fix, int64_t seconds)
{
	const struct slice texts[] = {buffer_slice(&text->text), buffer_slice(&text->words),
	    fix != NULL ? buffer_slice(&fix->text) : SLICE(""),
	    fix != NULL ? buffer_slice(&fix->words) : SLICE("")};

	set(n, owner, code, severity, texts, seconds);
}

void notices_set(struct notices *n, const char *owner, const char *code, const char *severity,
    const struct said *text, const struct said *fix)
{
	notices_set_for(n, owner, code, severity, text, fix, 0);
}

void notices_clear(struct notices *n, const char *owner, const char *code)
{
	for (size_t i = n->count; i-- > 0;)
		if (strcmp(n->items[i].owner, owner) == 0 && strcmp(n->items[i].code, code) == 0) {
			log_info("no longer: %s", n->items[i].code);
			drop(n, i);
		}
}

/* A whole set: what its owner does not name any more is over. */
void notices_set_problems(struct notices *n, const char *owner, const struct problem_list *problems)
{
	static const char *const by_problem[] = {"info", "warning", "error"};

	for (size_t i = 0; i < n->count; i++)
		n->items[i].stale = strcmp(n->items[i].owner, owner) == 0;
	for (size_t i = 0; i < problems->count; i++) {
		const struct problem *p = &problems->items[i];
		const struct slice texts[] = {slice_of(p->text), slice_of(p->words),
		    slice_of(p->fix), slice_of(p->fix_words)};

		set(n, owner, p->code, by_problem[p->severity], texts, 0);
	}
	for (size_t i = n->count; i-- > 0;)
		if (n->items[i].stale) {
			log_info("no longer: %s", n->items[i].code);
			drop(n, i);
		}
}

void notices_each(
    struct notices *n, void (*each)(void *data, const struct warning *warning), void *data)
{
	int64_t now = clock_now();

	for (size_t i = n->count; i-- > 0;)
		if (n->items[i].until != 0 && n->items[i].until < now)
			drop(n, i);
	/* The worst first. */
	for (size_t s = 0; s < sizeof(severities) / sizeof(severities[0]); s++)
		for (size_t i = 0; i < n->count; i++) {
			const struct notice *item = &n->items[i];
			if (item->severity == severities[s])
				each(data, &(struct warning){item->code, item->severity, item->text,
					       item->fix[0] != '\0' ? item->fix : NULL, item->words,
					       item->fix_words, -1, item->since});
		}
}

uint64_t notices_version(const struct notices *n)
{
	return n->version;
}
