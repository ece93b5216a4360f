/* The list of people without an account. They are few (each has a session or a token), and looked
 * through one by one. */
#include "access/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Of somebody who comes by a proxy each request is a sighting: only what is so many seconds later
 * is written down, so that requests cost no writes. */
#define SEEN_STEP 600

struct entry {
	struct person person;
	struct access_grant grant;
	int64_t seen_boot; /* by the clock that never steps */
	int64_t written;   /* `person.seen`, as the store has it */
	bool changed;	   /* his groups are not those that the store has */
	struct entry *next;
};

struct people {
	struct entry *first;
	struct groups *groups;
	char *issuer;
	bool proxy;
	int64_t away;
	uint64_t changes;
};

struct people *people_create(void)
{
	struct people *people = memory_zero(1, sizeof(*people));

	people->groups = groups_create();
	people->issuer = memory_strdup("");
	return people;
}

static void free_entries(struct entry *e)
{
	while (e != NULL) {
		struct entry *next = e->next;

		person_free(&e->person);
		free(e);
		e = next;
	}
}

void people_destroy(struct people **people)
{
	if (*people == NULL)
		return;
	free_entries((*people)->first);
	groups_destroy(&(*people)->groups);
	free((*people)->issuer);
	free(*people);
	*people = NULL;
}

/* ---- What each may ---- */

static bool is_believed(const struct people *people, const struct person *person)
{
	if (person->way == PERSON_BY_PROXY)
		return people->proxy;
	return person->way == PERSON_BY_ISSUER && people->issuer[0] != '\0' &&
	       strcmp(people->issuer, person->origin) == 0;
}

static void judge(struct people *people, struct entry *e)
{
	struct access_grant before = e->grant;
	struct slice *names, rest = slice_make(e->person.groups, e->person.groups_len), name;
	size_t count = 0;

	/* One for each NUL. */
	for (size_t i = 0; i < rest.len; i++)
		count += rest.data[i] == '\0';
	names = memory_zero(count + 1, sizeof(*names));
	count = 0;
	while (slice_split(&rest, '\0', &name))
		if (name.len > 0)
			names[count++] = name;
	e->grant = (struct access_grant){.role = ACCESS_ROLE_NONE};
	if (is_believed(people, &e->person))
		(void)groups_map(people->groups, names, count, &e->grant);
	free(names);
	if (before.role != e->grant.role || before.given != e->grant.given ||
	    before.taken != e->grant.taken || before.scoped != e->grant.scoped ||
	    strcmp(before.scope, e->grant.scope) != 0)
		people->changes++;
}

void people_set_rules(struct people *people, const struct people_rules *rules)
{
	groups_destroy(&people->groups);
	people->groups = rules->groups;
	free(people->issuer);
	people->issuer = memory_strdup(rules->issuer);
	people->proxy = rules->proxy;
	/* A shorter time may have passed for somebody. */
	people->changes += people->away != rules->away;
	people->away = rules->away;
	for (struct entry *e = people->first; e != NULL; e = e->next)
		judge(people, e);
}

int64_t people_away(const struct people *people)
{
	return people->away;
}

uint64_t people_changes(const struct people *people)
{
	return people->changes;
}

/* ---- Who is there ---- */

static struct entry *find_same(const struct people *people, const struct person *person)
{
	struct entry *e = people->first;

	while (e != NULL && !person_same(&e->person, person))
		e = e->next;
	return e;
}

/* A time that lies ahead was written before the clock was set back. */
static int64_t boot_of(int64_t seen, int64_t now, int64_t boot)
{
	return boot - (now > seen ? now - seen : 0);
}

static struct entry *add(
    struct people *people, const struct person *person, int64_t now, int64_t boot)
{
	struct entry *e = memory_zero(1, sizeof(*e));

	person_copy(&e->person, person);
	e->seen_boot = boot_of(person->seen, now, boot);
	e->written = person->seen;
	e->next = people->first;
	people->first = e;
	judge(people, e);
	return e;
}

static bool says_same(const struct person *a, const struct person *b)
{
	return a->groups_len == b->groups_len && memcmp(a->groups, b->groups, b->groups_len) == 0 &&
	       strcmp(a->name, b->name) == 0;
}

static void take_groups(struct people *people, struct entry *e, const struct person *person)
{
	struct person before = e->person;
	int64_t id = before.id;

	if (says_same(&before, person))
		return;
	person_copy(&e->person, person);
	e->person.id = id;
	e->person.seen = before.seen;
	person_free(&before);
	e->changed = true;
	judge(people, e);
}

/* Who was seen since his row was read, or is not written yet, is as memory has him. */
static void take_over(struct people *people, struct entry *e, const struct entry *before)
{
	if (before->changed)
		take_groups(people, e, &before->person);
	if (before->person.seen >= e->person.seen) {
		e->person.seen = before->person.seen;
		e->seen_boot = before->seen_boot;
	}
}

void people_load(
    struct people *people, const struct person *list, size_t count, int64_t now, int64_t boot)
{
	struct entry *before = people->first;

	people->first = NULL;
	for (size_t i = 0; i < count; i++) {
		struct entry *e = add(people, &list[i], now, boot);

		for (const struct entry *old = before; old != NULL; old = old->next)
			if (old->person.id == e->person.id)
				take_over(people, e, old);
	}
	free_entries(before);
	people->changes++;
}

void people_set(struct people *people, const struct person *person, int64_t now, int64_t boot)
{
	struct entry *e = find_same(people, person);

	if (e == NULL) {
		add(people, person, now, boot);
		return;
	}
	/* His row had gone, as nothing was left of him. */
	e->person.id = person->id;
	take_groups(people, e, person);
	e->changed = false;
	e->written = person->seen;
	if (person->seen < e->person.seen)
		return;
	e->person.seen = person->seen;
	e->seen_boot = boot_of(person->seen, now, boot);
}

bool people_seen(struct people *people, struct person *person, int64_t boot)
{
	struct entry *e = find_same(people, person);

	if (e == NULL)
		return false;
	person->id = e->person.id;
	take_groups(people, e, person);
	e->person.seen = person->seen;
	e->seen_boot = boot;
	return true;
}

bool people_find(const struct people *people, uint64_t id, int64_t boot, struct people_item *item)
{
	const struct entry *e = people->first;

	while (e != NULL && (uint64_t)e->person.id != id)
		e = e->next;
	if (e == NULL)
		return false;
	*item = (struct people_item){.person = &e->person,
	    .grant = &e->grant,
	    .until = people->away > 0 ? e->person.seen + people->away : 0,
	    .away = people->away > 0 && boot - e->seen_boot >= people->away};
	return true;
}

size_t people_take_seen(const struct people *people, struct person list[], size_t max)
{
	size_t count = 0;

	for (const struct entry *e = people->first; e != NULL && count < max; e = e->next)
		if (e->changed || e->person.seen - e->written >= SEEN_STEP)
			person_copy(&list[count++], &e->person);
	return count;
}

void people_written(struct people *people, const struct person list[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct entry *e = find_same(people, &list[i]);

		if (e == NULL)
			continue;
		/* He may have come with still other groups meanwhile. */
		if (says_same(&e->person, &list[i]))
			e->changed = false;
		if (list[i].seen > e->written)
			e->written = list[i].seen;
	}
}
