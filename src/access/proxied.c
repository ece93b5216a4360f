/* From two headers to a caller. The people who were here lately are few, and looked through one by
 * one. */
#include "access/proxied.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access/person_name.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/utf8.h"

/* Apart from the numbers of sessions, which come from the database. */
#define FIRST_NUMBER ((uint64_t)1 << 40)

struct visitor {
	uint64_t name, grant; /* hashes; 0: a free place */
	uint64_t number;
	int64_t seen_ms;
};

struct proxied {
	struct hash_key key;
	struct groups *groups;
	char separator;
	struct access_grant grant; /* of whom was asked last: the caller's scope is in it */
	struct visitor people[PROXIED_PEOPLE];
	uint64_t next_number;
};

struct proxied *proxied_create(void)
{
	struct proxied *proxied = memory_zero(1, sizeof(*proxied));

	proxied->key = hash_key_random();
	proxied->groups = groups_create();
	proxied->separator = ',';
	proxied->next_number = FIRST_NUMBER;
	return proxied;
}

void proxied_destroy(struct proxied **proxied)
{
	if (*proxied == NULL)
		return;
	groups_destroy(&(*proxied)->groups);
	free(*proxied);
	*proxied = NULL;
}

void proxied_set_groups(struct proxied *proxied, struct groups *groups, char separator)
{
	groups_destroy(&proxied->groups);
	proxied->groups = groups;
	proxied->separator = separator;
	memset(proxied->people, 0, sizeof(proxied->people));
}

/* ---- Groups ---- */

/* Says which of his groups were not enough, and whether one is only written otherwise: nobody finds
 * that by looking. */
static bool not_in_a_group(const struct proxied *proxied, const char *name, struct slice groups,
    const struct slice *names, size_t count, struct error *err)
{
	BUFFER_AUTO struct buffer shown = {0};

	for (size_t i = 0; i < count; i++) {
		const char *nearly = groups_nearly(proxied->groups, names[i]);

		if (nearly != NULL)
			return error_say(err, "forbidden", SAID_PROBLEM_PROXY_NEARLY, 3,
			    said_text("who", slice_of(name)), said_text("group", names[i]),
			    said_text("known", slice_of(nearly)));
	}
	if (count == 0)
		return error_say(err, "forbidden", SAID_PROBLEM_PROXY_NO_GROUP, 1,
		    said_text("who", slice_of(name)));
	utf8_append_valid(&shown, utf8_first(groups, 200));
	return error_say(err, "forbidden", SAID_PROBLEM_PROXY_GROUPS, 2,
	    said_text("who", slice_of(name)), said_text("groups", buffer_slice(&shown)));
}

static bool find_grant(
    struct proxied *proxied, const char *name, struct slice header, struct error *err)
{
	struct slice names[PROXIED_GROUPS_MAX], rest = header, one;
	size_t count = 0;

	while (slice_split(&rest, proxied->separator, &one)) {
		one = slice_trim(one);
		if (one.len == 0)
			continue;
		/* Those beyond could be the ones that count. */
		if (count == PROXIED_GROUPS_MAX)
			return error_say(err, "forbidden", SAID_PROBLEM_PROXY_MANY_GROUPS, 2,
			    said_text("who", slice_of(name)),
			    said_number("count", PROXIED_GROUPS_MAX));
		names[count++] = one;
	}
	return groups_map(proxied->groups, names, count, &proxied->grant) ||
	       not_in_a_group(proxied, name, header, names, count, err);
}

/* ---- People ---- */

/* His place, or the one of whom was away longest. */
static struct visitor *find_place(struct proxied *proxied, uint64_t name)
{
	struct visitor *oldest = &proxied->people[0];

	for (size_t i = 0; i < PROXIED_PEOPLE; i++) {
		struct visitor *person = &proxied->people[i];

		if (person->name == name)
			return person;
		if (person->seen_ms < oldest->seen_ms)
			oldest = person;
	}
	return oldest;
}

static uint64_t hash_grant(const struct proxied *proxied)
{
	const struct access_grant *grant = &proxied->grant;
	uint64_t numbers[] = {grant->role, grant->given, grant->taken, (uint64_t)grant->scoped};
	uint64_t hash = hash_bytes(&proxied->key, slice_make(numbers, sizeof(numbers)));

	return grant->scoped ? hash_mix(hash, hash_bytes(&proxied->key, slice_of(grant->scope)))
			     : hash;
}

/* Gives his number. With other rights he gets another one, so that what was opened with those
 * before can be told apart and ended. */
static uint64_t note(
    struct proxied *proxied, const char *name, int64_t now_ms, struct proxied_arrival *arrival)
{
	uint64_t hash = hash_bytes(&proxied->key, slice_of(name)) | 1, grant = hash_grant(proxied);
	struct visitor *person = find_place(proxied, hash);
	bool known = person->name == hash;

	arrival->arrived =
	    !known || person->grant != grant || now_ms - person->seen_ms > PROXIED_AWAY_MS;
	arrival->former = known && person->grant != grant ? person->number : 0;
	if (!known || arrival->former != 0)
		*person = (struct visitor){hash, grant, proxied->next_number++, now_ms};
	person->seen_ms = now_ms;
	return person->number;
}

bool proxied_caller(struct proxied *proxied, const struct proxied_said *said, struct caller *caller,
    struct proxied_arrival *arrival, struct error *err)
{
	BUFFER_AUTO struct buffer shown = {0};
	char name[ACCOUNTS_NAME_MAX + 1];
	struct error why;

	if (!person_name(said->name, name, &why)) {
		utf8_append_valid(&shown, utf8_first(said->name, 100));
		return error_say(err, "forbidden", SAID_PROBLEM_PROXY_NAME, 2,
		    said_text("who", buffer_slice(&shown)), said_text("why", slice_of(why.text)));
	}
	if (!find_grant(proxied, name, said->groups, err))
		return false;
	*caller = (struct caller){.role = proxied->grant.role,
	    .rights = access_rights(&proxied->grant),
	    .via = VIA_PROXY,
	    .expires = said->now + PROXIED_STREAM_SECONDS,
	    .id = note(proxied, name, said->now_ms, arrival),
	    .scope = proxied->grant.scoped ? proxied->grant.scope : NULL};
	snprintf(caller->name, sizeof(caller->name), "%s", name);
	return true;
}
