/* One list of both kinds: a handful, since each needs the password of an account, or a session. */
#include "access/otp_waiting.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/memory.h"

#define SECRET_BYTES 32

struct item {
	int64_t until_ms;
	bool is_setup;
	/* Of a challenge. */
	struct accounts_user user; /* of a set-up its id alone */
	bool known;
	unsigned char key[ACCOUNTS_KEY_SIZE];
	unsigned tries;
	/* Of a set-up. */
	unsigned char secret[OTP_SECRET_SIZE];
	struct item *next;
};

struct otp_waiting {
	struct item *first; /* the newest */
};

struct otp_waiting *otp_waiting_create(void)
{
	return memory_zero(1, sizeof(struct otp_waiting));
}

static void drop(struct item **at)
{
	struct item *item = *at;

	*at = item->next;
	/* It has the hash of a password, or a secret. */
	sodium_memzero(item, sizeof(*item));
	free(item);
}

void otp_waiting_destroy(struct otp_waiting **waiting)
{
	if (*waiting == NULL)
		return;
	while ((*waiting)->first != NULL)
		drop(&(*waiting)->first);
	free(*waiting);
	*waiting = NULL;
}

/* With each that comes, so that nothing needs a timer. */
static struct item *add(struct otp_waiting *waiting, int64_t now_ms, int64_t seconds)
{
	struct item *item;

	for (struct item **at = &waiting->first; *at != NULL;)
		if ((*at)->until_ms <= now_ms)
			drop(at);
		else
			at = &(*at)->next;
	item = memory_zero(1, sizeof(*item));
	item->until_ms = now_ms + seconds * 1000;
	item->next = waiting->first;
	waiting->first = item;
	return item;
}

/* ---- challenges ---- */

/* Too many of one account: all but the newest go. */
static void bound(struct otp_waiting *waiting, int64_t user, bool known)
{
	unsigned count = 0;

	for (struct item **at = &waiting->first; *at != NULL;) {
		bool counts = !(*at)->is_setup && (*at)->user.id == user && (*at)->known == known;

		if (counts && ++count > OTP_CHALLENGES_MAX)
			drop(at);
		else
			at = &(*at)->next;
	}
}

void otp_waiting_challenge(struct otp_waiting *waiting, const struct accounts_user *user,
    bool known, int64_t now_ms, char secret[ACCOUNTS_SECRET_SIZE])
{
	struct item *item = add(waiting, now_ms, OTP_CHALLENGE_SECONDS);
	unsigned char random[SECRET_BYTES];

	randombytes_buf(random, sizeof(random));
	sodium_bin2base64(secret, ACCOUNTS_SECRET_SIZE, random, sizeof(random),
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(random, sizeof(random));
	item->user = *user;
	item->known = known;
	item->tries = OTP_CHALLENGE_TRIES;
	accounts_key(slice_of(secret), item->key);
	bound(waiting, user->id, known);
}

static struct item **find(struct otp_waiting *waiting, struct slice secret)
{
	unsigned char key[ACCOUNTS_KEY_SIZE];
	struct item **at = &waiting->first;

	accounts_key(secret, key);
	while (*at != NULL && ((*at)->is_setup || sodium_memcmp((*at)->key, key, sizeof(key)) != 0))
		at = &(*at)->next;
	return at;
}

bool otp_waiting_take(
    struct otp_waiting *waiting, struct slice secret, int64_t now_ms, struct accounts_user *user)
{
	struct item *item = *find(waiting, secret);

	/* One whose tries are used up stays until it is old: the last of them may still be right,
	 * or be given back. */
	if (item == NULL || item->until_ms <= now_ms || item->tries == 0)
		return false;
	item->tries--;
	*user = item->user;
	return true;
}

void otp_waiting_give_back(struct otp_waiting *waiting, struct slice secret)
{
	struct item *item = *find(waiting, secret);

	if (item != NULL && item->tries < OTP_CHALLENGE_TRIES)
		item->tries++;
}

void otp_waiting_end(struct otp_waiting *waiting, struct slice secret)
{
	struct item **at = find(waiting, secret);

	if (*at != NULL)
		drop(at);
}

/* ---- set-ups ---- */

static struct item **find_setup(struct otp_waiting *waiting, int64_t user)
{
	struct item **at = &waiting->first;

	while (*at != NULL && (!(*at)->is_setup || (*at)->user.id != user))
		at = &(*at)->next;
	return at;
}

void otp_waiting_begin(struct otp_waiting *waiting, int64_t user,
    const unsigned char secret[OTP_SECRET_SIZE], int64_t now_ms)
{
	struct item **before = find_setup(waiting, user), *item;

	if (*before != NULL)
		drop(before);
	item = add(waiting, now_ms, OTP_SETUP_SECONDS);
	item->is_setup = true;
	item->user.id = user;
	memcpy(item->secret, secret, OTP_SECRET_SIZE);
}

bool otp_waiting_begun(struct otp_waiting *waiting, int64_t user, int64_t now_ms,
    unsigned char secret[OTP_SECRET_SIZE])
{
	const struct item *item = *find_setup(waiting, user);

	if (item == NULL || item->until_ms <= now_ms)
		return false;
	if (secret != NULL)
		memcpy(secret, item->secret, OTP_SECRET_SIZE);
	return true;
}

void otp_waiting_end_user(struct otp_waiting *waiting, int64_t user)
{
	for (struct item **at = &waiting->first; *at != NULL;)
		if ((*at)->user.id == user)
			drop(at);
		else
			at = &(*at)->next;
}
