/* Pauses as they are kept: what is held back, why, by whom and until when, and what became of it.
 * The store is the truth; Postfix's tables are made from it (settings/pauses.h). */
#ifndef STORE_PAUSE_ROWS_H
#define STORE_PAUSE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/db.h"

/* The numbers are stored: append only. */
enum pause_kind {
	PAUSE_DOMAIN = 1, /* recipients of a domain wait, each by itself */
	PAUSE_PROVIDER,	  /* recipients of all domains whose mail goes to a remote host */
	PAUSE_SENDER,	  /* whole messages of an envelope sender go to hold at their receipt */
	PAUSE_LOGIN,	  /* whole messages of a SASL login go to hold at their receipt */
};
#define PAUSE_KINDS 5

/* The numbers are stored: append only. Moved by pauses_go() in settings/pauses_list.c alone. */
enum pause_state {
	PAUSE_SETTING = 1, /* written down; not yet, or not surely, in Postfix's table */
	PAUSE_IN_FORCE,	   /* in the table, and asked for */
	PAUSE_LIFTING,	   /* its end is written down; Postfix may still hold back */
	PAUSE_ENDED,  /* Postfix no longer knows it, and the job that follows is written down */
	PAUSE_FAILED, /* the table could not be written: it was never in force */
};
#define PAUSE_STATES 6

struct pause {
	int64_t id;
	enum pause_kind kind;
	char *key;	     /* A-label domain, remote host, address or login, in lower case */
	bool subdomains;     /* of a domain: those below it too */
	uint32_t throttle_s; /* domain, provider: 0 hold all back, else one message in so many
				seconds to a destination */
	bool release;	     /* sender, login: at its end what it holds is released */
	char *reason, *who;
	int64_t since, until; /* Unix seconds */
	enum pause_state state;
	int64_t ended;	/* 0: it has not */
	char *ended_by; /* who lifted it; "": its time was over */
	char *trouble;	/* it does not hold, and why; NULL: none */
	/* What it holds back: of a domain that one; of a provider those taken in so far. */
	char **domains;
	size_t domain_count;
};

/* "domain", "provider", "sender", "login"; "setting", "in_force", "lifting", "ended", "failed". */
const char *pause_kind_name(enum pause_kind kind);
const char *pause_state_name(enum pause_state state);
bool pause_kind_parse(struct slice text, enum pause_kind *kind);

/* Frees the texts; the structure is empty then. */
void pause_clear(struct pause *pause);
/* Texts are copied. `to` is overwritten, not cleared. */
void pause_copy(struct pause *to, const struct pause *from);
/* Takes a domain in. The caller sees to it that none comes twice. */
void pause_add_domain(struct pause *pause, struct slice domain);

/* Ended ones are kept so long. */
#define PAUSE_ROWS_KEPT_DAYS 90

/* Fills in pause->id. Its domains are written too. */
enum db_result pause_rows_add(struct db *db, struct pause *pause, struct error *err);
/* state, until, release, ended, ended_by and trouble of pause->id; domains from number `from` on
 * are added. */
enum db_result pause_rows_update(
    struct db *db, const struct pause *pause, size_t from, struct error *err);
/* Those that have not ended (`open`), or that have, the newest first: at most `max`, with their
 * domains, into an array that the caller frees with its pauses. */
enum db_result pause_rows_list(
    struct db *db, bool open, size_t max, struct pause **pauses, size_t *count, struct error *err);
/* DB_NOT_FOUND when there is none with that number. */
enum db_result pause_rows_get(struct db *db, int64_t id, struct pause *pause, struct error *err);
/* Forgets those that ended more than PAUSE_ROWS_KEPT_DAYS ago. */
enum db_result pause_rows_prune(struct db *db, int64_t now, struct error *err);

#endif
