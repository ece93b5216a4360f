/* What the running service knows of those who may come in: their secrets (credentials.h), how often
 * they have tried (login_limits.h), and the key of the devices' cookies (device.h). Read from the
 * store at the start, and again whenever another process has changed it; while the store fails,
 * what was known goes on until it expires. Runs on the server's loop and never blocks. */
#ifndef ACCESS_ACCESS_H
#define ACCESS_ACCESS_H

#include "access/credentials.h"
#include "access/login_limits.h"

struct store;
struct access;

/* Called after each reading; `err` is NULL unless nothing was ever read, and then says why. */
typedef void access_read(void *context, const struct error *err);

/* Reads nothing yet. `read` may be NULL. */
struct access *access_create(struct store *store, access_read *read, void *context);
/* With nothing pending in the store. Wipes the key. Accepts a pointer to NULL. */
void access_destroy(struct access **access);

/* At the start and every second: reads again what another process (the command line without
 * the service) has changed, forgets what has expired or lain unused too long, and writes down now
 * and then what was used. */
void access_tick(struct access *access);
/* Whether it was read once: before that nobody can be told from a stranger. */
bool access_loaded(const struct access *access);

/* A session has been opened: where its owner has too many by that, the one that has lain unused
 * longest ends, in memory and then in the store. */
void access_make_room(struct access *access, uint64_t session);

struct credentials *access_credentials(struct access *access);
struct login_limits *access_limits(struct access *access);
/* NULL while it has not been read. */
const unsigned char *access_device_key(const struct access *access);

/* What somebody who tries to sign in as `name` is known by, for login_limits.h: `session`, the
 * secret of a session of that account; `device`, the cookie of a device; or an address that it
 * signed in from. The two slices are empty where he sent none. 0 for a stranger. */
uint64_t access_known(struct access *access, struct slice name, const char *peer,
    struct slice session, struct slice device);
/* He has signed in as `name` from there. */
void access_note_address(struct access *access, struct slice name, const char *peer);

#endif
