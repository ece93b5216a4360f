/* What each key is: its name, how many numbers it has, the text of a number, and which numbers a
 * message counts under. Whoever adds up (group_sums.c, groups_table.c) sees only numbers. */
#include "index/groups/group_keys.h"

#include <stdio.h>

#include "index/columns/delete_marks.h"
#include "index/columns/intern.h"

static const char *const names[GROUP_KEY_COUNT] = {
    [GROUP_QUEUE] = "queue",
    [GROUP_RECIPIENT_DOMAIN] = "recipient_domain",
    [GROUP_SENDER] = "sender",
    [GROUP_SENDER_DOMAIN] = "sender_domain",
    [GROUP_REASON] = "reason",
    [GROUP_CAUSE] = "cause",
    [GROUP_REMOTE_HOST] = "remote_host",
    [GROUP_REMOTE_DOMAIN] = "remote_domain",
    [GROUP_AGE] = "age",
    [GROUP_CLIENT] = "client",
    [GROUP_LOGIN] = "login",
};

static const char *const age_names[GROUP_KEYS_AGES] = {
    "5", "10", "20", "40", "80", "160", "320", "640", "1280", "1280+"};

const char *survey_age_name(unsigned age)
{
	return age_names[age];
}

void group_age_bounds(struct slice key, int *from, int *to)
{
	*from = 0;
	*to = 5;
	for (int i = 0; i < GROUP_KEYS_AGES - 1 && !slice_is(key, age_names[i]); i++) {
		*from = *to;
		*to *= 2;
	}
	if (slice_is(key, age_names[GROUP_KEYS_AGES - 1]))
		*to = 0;
}

bool group_key_parse(struct slice text, enum group_key *key)
{
	if (slice_is(text, "diagnosis"))
		text = SLICE("cause");
	for (int i = 0; i < GROUP_KEY_COUNT; i++) {
		if (slice_is(text, names[i])) {
			*key = (enum group_key)i;
			return true;
		}
	}
	return false;
}

const char *group_key_name(enum group_key key)
{
	return names[key];
}

/* ---- Numbers of keys ---- */

/* By these a message with several recipients may be in several groups at once. */
bool group_keys_per_recipient(enum group_key key)
{
	return key == GROUP_RECIPIENT_DOMAIN || key == GROUP_REASON || key == GROUP_CAUSE ||
	       group_keys_hosts(key);
}

/* Of these all groups are shown, the empty ones, too. */
uint32_t group_keys_fixed(enum group_key key)
{
	return key == GROUP_QUEUE ? GROUP_KEYS_QUEUES : key == GROUP_AGE ? GROUP_KEYS_AGES : 0;
}

/* As many as the dictionary has numbers, in use or not: sums stand in an array of this length. */
uint32_t group_keys_numbers(const struct index *ix, enum group_key key)
{
	switch (key) {
	case GROUP_RECIPIENT_DOMAIN:
	case GROUP_SENDER_DOMAIN:
		return ix->domains.count;
	case GROUP_SENDER:
		return ix->senders.count;
	case GROUP_REASON:
		return ix->classes.count;
	case GROUP_CAUSE:
		return (uint32_t)diagnosis_count() + 1;
	case GROUP_REMOTE_HOST:
		return ix->hosts[HOSTS_NAME]->names.count;
	case GROUP_REMOTE_DOMAIN:
		return ix->hosts[HOSTS_DOMAIN]->names.count;
	case GROUP_CLIENT:
		return ix->clients.count;
	case GROUP_LOGIN:
		return ix->logins.count;
	default:
		return group_keys_fixed(key);
	}
}

/* Before the counting, because settling changes dictionaries, and two threads read them then. */
void group_keys_settle(struct index *ix, const enum group_key *keys, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		if (keys[k] == GROUP_REASON || keys[k] == GROUP_CAUSE)
			reasons_settle(ix, REASONS_SETTLE_REQUEST);
		if (group_keys_hosts(keys[k]))
			hosts_make(ix, group_keys_hosts_kind(keys[k]));
	}
}

/* Each bucket is twice as wide as the one before: its number is how many bits the age has, in units
 * of the first. */
uint32_t group_keys_age(int64_t age)
{
	uint64_t units = age < 0 ? 0 : (uint64_t)age / 300;
	uint32_t bits = units ? 64 - (uint32_t)__builtin_clzll(units) : 0;

	return bits < GROUP_KEYS_AGES ? bits : GROUP_KEYS_AGES - 1;
}

/* ---- Entries ---- */

#define BATCH 256

struct batch {
	const struct group_keys *keys;
	group_keys_take *take;
	void *context;
	bool each; /* recipient by recipient */
	size_t count;
	struct group_entry entry[BATCH];
	struct recipient
	    recipient[BATCH]; /* zero: the message has none left, or it does not matter */
};

/* Without any recipient, the number 0. */
static void number_recipients(struct batch *b, size_t k, enum group_key key)
{
	const struct index *ix = b->keys->ix;
	uint32_t beyond = group_keys_numbers(ix, key);

	for (size_t i = 0; i < b->count; i++)
		b->entry[i].number[k] = group_keys_recipient(ix, key, &b->recipient[i], beyond);
}

static uint32_t row_number(const struct group_keys *keys, enum group_key key, uint32_t row)
{
	const struct index *ix = keys->ix;

	switch (key) {
	case GROUP_QUEUE:
		return row_is_being_deleted(ix, row) ? GROUP_KEYS_DELETING : ix->c.queue[row];
	case GROUP_SENDER:
		return ix->c.sender[row];
	case GROUP_SENDER_DOMAIN:
		return address_domain(&ix->senders, ix->c.sender[row]);
	case GROUP_AGE:
		return group_keys_age(keys->now - (int64_t)ix->c.arrival[row]);
	case GROUP_CLIENT:
		return row_client(ix, row);
	default:
		return row_login(ix, row);
	}
}

/* Entries of a message follow each other: it is looked at once. */
static void number_rows(struct batch *b, size_t k, enum group_key key)
{
	uint32_t row = INDEX_ROW_NONE, number = 0;

	for (size_t i = 0; i < b->count; i++) {
		if (b->entry[i].row != row) {
			row = b->entry[i].row;
			number = row_number(b->keys, key, row);
		}
		b->entry[i].number[k] = number;
	}
}

static void flush(struct batch *b)
{
	const struct group_keys *keys = b->keys;

	for (size_t k = 0; k < keys->count; k++) {
		enum group_key key = keys->keys[k];
		if (group_keys_per_recipient(key))
			number_recipients(b, k, key);
		else
			number_rows(b, k, key);
	}
	b->take(b->context, b->entry, b->count);
	b->count = 0;
}

static void add_entry(
    struct batch *b, uint32_t row, uint32_t recipients, struct recipient recipient)
{
	if (b->count == BATCH)
		flush(b);
	b->recipient[b->count] = recipient;
	b->entry[b->count++] = (struct group_entry){.row = row, .recipients = recipients};
}

static void add_row(struct batch *b, uint32_t row)
{
	const struct index *ix = b->keys->ix;
	const struct recipient none = {0, 0};
	struct seen seen;
	bool some = false;

	if (!b->each && !b->keys->inside) {
		add_entry(b, row, row_todo(ix, row), none);
		return;
	}
	seen = row_seen(ix, b->keys->inside, row);
	if (!b->each) {
		add_entry(b, row, seen.todo, none);
		return;
	}
	for (uint32_t i = 0; i < seen.kept; i++) {
		const struct recipient *r = seen_at(&seen, i);
		if (recipient_is_done(r))
			continue;
		some = true;
		add_entry(b, row, 1, *r);
	}
	/* Nobody left to deliver to: still a message of this queue. */
	if (!some)
		add_entry(b, row, 0, none);
}

void group_keys_walk(const struct group_keys *keys, const uint64_t *bits, size_t from, size_t to,
    group_keys_take *take, void *context)
{
	struct batch b = {.keys = keys, .take = take, .context = context};

	for (size_t k = 0; k < keys->count; k++)
		b.each |= group_keys_per_recipient(keys->keys[k]);
	for (size_t w = from; w < to; w++) {
		if (w + 1 < to)
			rows_expect_recipients(keys->ix, bits[w + 1], (uint32_t)(w + 1) * 64);
		for (uint64_t left = bits[w]; left != 0; left &= left - 1)
			add_row(&b, (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left));
	}
	flush(&b);
}

/* ---- Texts ---- */

struct slice group_keys_text(
    const struct index *ix, enum group_key key, uint32_t number, char scratch[GROUP_CLIENT_MAX])
{
	struct slice address, name;

	switch (key) {
	case GROUP_QUEUE:
		return number == GROUP_KEYS_DELETING ? SLICE("deleting")
						     : slice_of(queue_name((enum queue)number));
	case GROUP_RECIPIENT_DOMAIN:
	case GROUP_SENDER_DOMAIN:
		return dict_text(&ix->domains, number);
	case GROUP_SENDER:
		return dict_text(&ix->senders, number);
	case GROUP_REASON:
		return dict_text(&ix->classes, number);
	case GROUP_CAUSE:
		return slice_of(number ? diagnosis_at(number - 1)->key : "");
	case GROUP_REMOTE_HOST:
	case GROUP_REMOTE_DOMAIN:
		return dict_text(&ix->hosts[group_keys_hosts_kind(key)]->names, number);
	case GROUP_AGE:
		return slice_of(age_names[number]);
	case GROUP_LOGIN:
		return dict_text(&ix->logins, number);
	default:
		if (number == 0)
			return SLICE("");
		address = dict_text(&ix->clients, number);
		name = intern_part(&address);
		snprintf(
		    scratch, GROUP_CLIENT_MAX, "%.*s[%.*s]", SLICE_ARGS(name), SLICE_ARGS(address));
		return slice_of(scratch);
	}
}
