/* What a row or a recipient counts under, by each key, as a number: in a dictionary, a queue, an
 * age, a diagnosis + 1. Private to index/. */
#ifndef INDEX_GROUP_KEYS_H
#define INDEX_GROUP_KEYS_H

#include "index/columns/reasons.h"
#include "index/columns/row_values.h"
#include "index/groups/groups.h"
#include "index/run/inside.h"

/* qshape's default buckets: five minutes, doubled eight times, and older. */
#define GROUP_KEYS_AGES 10

/* By queue, what a delete has on hold counts for itself, not as held. */
#define GROUP_KEYS_DELETING QUEUE_CORRUPT
#define GROUP_KEYS_QUEUES (QUEUE_CORRUPT + 1)

/* Which of them an age in seconds belongs to. */
uint32_t group_keys_age(int64_t age);

/* How many groups there are by a key of which there are always as many; 0: as many as are found. */
uint32_t group_keys_fixed(enum group_key key);
/* Keys by remote host: of what kind (any other key: do not ask). */
static inline bool group_keys_hosts(enum group_key key)
{
	return key == GROUP_REMOTE_HOST || key == GROUP_REMOTE_DOMAIN;
}
static inline enum hosts_kind group_keys_hosts_kind(enum group_key key)
{
	return key == GROUP_REMOTE_HOST ? HOSTS_NAME : HOSTS_DOMAIN;
}
/* Whether recipients of one message may count under different numbers. */
bool group_keys_per_recipient(enum group_key key);
/* What a recipient counts under, by such a key. */
static inline uint32_t group_keys_recipient(
    const struct index *ix, enum group_key key, const struct recipient *r, uint32_t beyond)
{
	uint32_t reason;

	if (key == GROUP_RECIPIENT_DOMAIN)
		return address_domain(&ix->addresses, recipient_address(ix, r));
	reason = recipient_reason(r);
	if (group_keys_hosts(key))
		return ix->hosts[group_keys_hosts_kind(key)]->of_reason[reason];
	if (!reasons_settled(ix, reason))
		return beyond;
	return key == GROUP_REASON ? reasons_settled_class(ix, reason) : paused_diagnosis(ix, r);
}
/* One past the highest number of a key. What no number is known of yet (a reason without class and
 * diagnosis: reasons_settle) is counted under this one. */
uint32_t group_keys_numbers(const struct index *ix, enum group_key key);

/* Finds what the keys need to be known, as far as one request may do that; before anything else
 * here is asked about them. hosts_forget when the counting is over. */
void group_keys_settle(struct index *ix, const enum group_key *keys, size_t count);

/* What is counted: a message, for its recipients that are still to be delivered to, or, where a key
 * differs between recipients, each of these. A message without any counts for itself. Entries of a
 * message follow each other. */
struct group_entry {
	uint32_t row, recipients;
	uint32_t number[2]; /* by each key */
};
struct group_keys {
	const struct index *ix;
	const enum group_key *keys; /* one or two */
	size_t count;
	int64_t now;
	/* What the one who asks may see of the rows; nothing else may tell of them. NULL: all. */
	const struct inside *inside;
};
typedef void group_keys_take(void *context, const struct group_entry *entries, size_t count);
/* Gives the entries of all rows whose bits are set in words `from` to `to`, some hundreds at a
 * time. */
void group_keys_walk(const struct group_keys *keys, const uint64_t *bits, size_t from, size_t to,
    group_keys_take *take, void *context);

/* The key of a number, in `scratch` or in the index. */
struct slice group_keys_text(
    const struct index *ix, enum group_key key, uint32_t number, char scratch[GROUP_CLIENT_MAX]);

#endif
