#include "index/group_keys.h"

#include <stdio.h>

static const char *const names[GROUP_KEY_COUNT] = {
    [GROUP_QUEUE] = "queue",
    [GROUP_RECIPIENT_DOMAIN] = "recipient_domain",
    [GROUP_SENDER] = "sender",
    [GROUP_SENDER_DOMAIN] = "sender_domain",
    [GROUP_REASON] = "reason",
    [GROUP_DIAGNOSIS] = "diagnosis",
    [GROUP_AGE] = "age",
    [GROUP_CLIENT] = "client",
    [GROUP_LOGIN] = "login",
};

static const char *const age_names[GROUP_KEYS_AGES] = {
    "5", "10", "20", "40", "80", "160", "320", "640", "1280", "1280+"};

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

bool group_keys_per_recipient(enum group_key key)
{
	return key == GROUP_RECIPIENT_DOMAIN || key == GROUP_REASON || key == GROUP_DIAGNOSIS;
}

uint32_t group_keys_fixed(enum group_key key)
{
	return key == GROUP_QUEUE ? QUEUE_CORRUPT : key == GROUP_AGE ? GROUP_KEYS_AGES : 0;
}

static uint32_t age_bucket(int64_t age)
{
	uint32_t bucket = 0;

	for (int64_t limit = 300; bucket < GROUP_KEYS_AGES - 1 && age >= limit; limit *= 2)
		bucket++;
	return bucket;
}

uint32_t group_keys_of_row(const struct index *ix, enum group_key key, int64_t now, uint32_t row)
{
	const struct columns *col = &ix->c;

	switch (key) {
	case GROUP_QUEUE:
		return col->queue[row];
	case GROUP_SENDER:
		return col->sender[row];
	case GROUP_SENDER_DOMAIN:
		return col->sender[row] ? ix->senders.note[col->sender[row]] : 0;
	case GROUP_AGE:
		return age_bucket(now - (int64_t)col->arrival[row]);
	case GROUP_CLIENT:
		return internal_client(ix, row);
	default:
		return internal_login(ix, row);
	}
}

uint32_t group_keys_of_recipient(struct index *ix, enum group_key key, const struct recipient *r)
{
	if (key == GROUP_RECIPIENT_DOMAIN)
		return internal_address(ix, r) ? ix->addresses.note[internal_address(ix, r)] : 0;
	if (key == GROUP_REASON)
		return internal_class(ix, internal_reason(r));
	const struct diagnosis *g = internal_diagnosis(ix, internal_reason(r));
	return g ? (uint32_t)diagnosis_index(g) + 1 : 0;
}

struct slice group_keys_text(
    const struct index *ix, enum group_key key, uint32_t number, char scratch[GROUP_CLIENT_MAX])
{
	struct slice address, name;

	switch (key) {
	case GROUP_QUEUE:
		return slice_of(queue_id_queue_name((enum queue)number));
	case GROUP_RECIPIENT_DOMAIN:
	case GROUP_SENDER_DOMAIN:
		return dict_text(&ix->domains, number);
	case GROUP_SENDER:
		return dict_text(&ix->senders, number);
	case GROUP_REASON:
		return dict_text(&ix->classes, number);
	case GROUP_DIAGNOSIS:
		return slice_of(number ? diagnosis_at(number - 1)->key : "");
	case GROUP_AGE:
		return slice_of(age_names[number]);
	case GROUP_LOGIN:
		return dict_text(&ix->logins, number);
	default:
		if (number == 0)
			return SLICE("");
		address = dict_text(&ix->clients, number);
		name = internal_part(&address);
		snprintf(
		    scratch, GROUP_CLIENT_MAX, "%.*s[%.*s]", SLICE_ARGS(name), SLICE_ARGS(address));
		return slice_of(scratch);
	}
}
