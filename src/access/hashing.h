/* Checks and hashes passwords on threads of its own. One takes about 60 ms and 64 MiB on purpose,
 * so it must hold up neither the server's loop nor the database, and strangers must not be able to
 * make many of them wait: at most HASHING_WAITING in each lane, and one of the two threads is never
 * given to a stranger. Of strangers, those go first from where nothing has failed: whoever guesses
 * must not keep out who signs in from a new place. Both are nice, so that answering goes first.
 *
 * Used like store.h: poll hashing_fd() for reading and call hashing_dispatch(). */
#ifndef ACCESS_HASHING_H
#define ACCESS_HASHING_H

#include <stdbool.h>
#include <stddef.h>

#include "access/accounts.h"
#include "base/error.h"

#define HASHING_WAITING 16

struct hashing;

enum hashing_lane {
	HASHING_KNOWN,	  /* people who have shown who they are, and accounts that are set up */
	HASHING_FRESH,	  /* strangers from where nothing has failed lately */
	HASHING_STRANGER, /* everybody else */
	HASHING_LANES,
};

/* Belongs to the threads until `done` was called. The password is wiped before that. */
struct hashing_task {
	bool make; /* a hash of the password; else whether it fits `hash` */
	char password[ACCOUNTS_PASSWORD_MAX];
	size_t password_len;
	char hash[ACCOUNTS_HASH_SIZE];
	bool good; /* it fits; or a hash could be made */
};

/* Called on the owner's thread, from hashing_dispatch() or hashing_destroy(). */
typedef void hashing_done(void *context, struct hashing_task *task);

struct hashing *hashing_create(void);
/* Waits for what is under way, and calls the `done` of everything. Accepts a pointer to NULL. */
void hashing_destroy(struct hashing **hashing);
int hashing_fd(const struct hashing *hashing);
void hashing_dispatch(struct hashing *hashing);

/* False, and nothing happens, when the lane is full. */
bool hashing_start(struct hashing *hashing, enum hashing_lane lane, struct hashing_task *task,
    hashing_done *done, void *context);

#endif
