/* Ten minutes of refusals, by person. */
#include "access/refusals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"

struct person {
	char who[80], role[16], via[16], from[64];
	char object[120]; /* of the last one that was counted */
	uint64_t seen, counted;
};

struct refusals {
	struct person people[REFUSALS_PEOPLE + 1]; /* the last: all others */
	size_t count;
	int64_t since_ms; /* the first of these ten minutes; 0: none came */
};

struct refusals *refusals_create(void)
{
	return memory_zero(1, sizeof(struct refusals));
}

void refusals_destroy(struct refusals **refusals)
{
	free(*refusals);
	*refusals = NULL;
}

/* Cut where a letter ends: a record is text. */
static void copy(char *out, size_t size, struct slice in)
{
	in = utf8_first(in, size - 1);
	snprintf(out, size, "%.*s", SLICE_ARGS(in));
}

static struct person *find(struct refusals *r, const struct audit_entry *entry)
{
	struct person new = {.seen = 0};

	copy(new.who, sizeof(new.who), entry->who);
	copy(new.via, sizeof(new.via), entry->via);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->people[i].who, new.who) == 0 &&
		    strcmp(r->people[i].via, new.via) == 0)
			return &r->people[i];
	if (r->count == REFUSALS_PEOPLE)
		return &r->people[REFUSALS_PEOPLE];
	copy(new.role, sizeof(new.role), entry->role);
	copy(new.from, sizeof(new.from), entry->from);
	r->people[r->count] = new;
	return &r->people[r->count++];
}

bool refusals_take(struct refusals *refusals, const struct audit_entry *entry, int64_t now_ms)
{
	struct person *person = find(refusals, entry);

	if (refusals->since_ms == 0)
		refusals->since_ms = now_ms;
	/* Of all the others nothing is told one by one: there may be any number of them. */
	if (person->seen++ < REFUSALS_EACH && person != &refusals->people[REFUSALS_PEOPLE])
		return true;
	person->counted++;
	copy(person->object, sizeof(person->object), entry->object);
	return false;
}

void refusals_write(
    struct refusals *refusals, int64_t now_ms, bool all_now, refusals_tell *tell, void *context)
{
	if (refusals->since_ms == 0 || (!all_now && now_ms - refusals->since_ms < REFUSALS_MS))
		return;
	for (size_t i = 0; i <= REFUSALS_PEOPLE; i++) {
		const struct person *p = &refusals->people[i];

		if (p->counted > 0)
			tell(context,
			    &(struct audit_entry){.action = AUDIT_REFUSED,
				.who = slice_of(p->who),
				.role = slice_of(p->role),
				.via = slice_of(p->via),
				.from = slice_of(p->from),
				.object = slice_of(p->object),
				.outcome = SLICE("refused"),
				.text = i < REFUSALS_PEOPLE
					    ? SLICE("beyond those that stand here one by one")
					    : SLICE("of still other people"),
				.times = p->counted});
	}
	*refusals = (struct refusals){.since_ms = 0};
}
