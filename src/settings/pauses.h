/* Pauses: mail that Postfix holds back, for a while. This is the one place that decides what stands
 * in Postfix's pause tables; the helper writes them (exchange/pause_ports.h).
 *
 * A pause is written down first, then put into the table, then Postfix is asked whether it holds
 * (`postmap -q` over the whole of transport_maps); then it is in force. It ends by itself at
 * `until`, also when the service was not there then, or is lifted. Postfix takes up to
 * PAUSES_EFFECT_S to notice a change; after a lift so long is waited before `lifted` is told. Its
 * end is stored last, so that no kill makes what it held be forgotten on hold. While
 * the service is down mail goes on to wait: nothing is lost, and nothing ends.
 *
 * Domain and provider: recipients wait, each by itself, in the deferred queue; the other recipients
 * of the same message are delivered. Flush and retry send nothing. Sender and login: whole messages
 * go to the hold queue as they come in over SMTP, and must be released; mail that programs hand to
 * sendmail(1) passes, and so does what is queued already.
 *
 * Bound to no loop, like settings.h: pauses_tick at pauses_deadline_ms. Answers never come from
 * within the call that asked. */
#ifndef SETTINGS_PAUSES_H
#define SETTINGS_PAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "exchange/pause_ports.h"
#include "store/pause_rows.h"
#include "store/store.h"

/* At once in force. Each is a person's word; a table takes far more (PAUSE_ENTRIES_MAX). */
#define PAUSES_MAX 2000
/* Longer than this only with pauses_ask.long_confirmed, and never longer than the second: mail is
 * returned to its sender after five days by default. */
#define PAUSES_USUAL_S (INT64_C(24) * 3600)
#define PAUSES_LONGEST_S (INT64_C(7) * 24 * 3600)
#define PAUSES_REASON_MAX 500 /* bytes */
/* trivial-rewrite looks every 10 s whether a table has changed, and qmgr and smtpd keep an answer
 * for up to 30 s (docs/POSTFIX.md, "Holding back mail"). */
#define PAUSES_EFFECT_S 30

struct pauses;

struct pauses_events {
	void *owner;
	/* A pause was written down; its state, end, domains or trouble changed; or it has ended. */
	void (*changed)(void *owner, const struct pause *pause);
	/* Postfix knows that it is lifted. Domain, provider: what waits for pause->domains may be
	 * retried at a pace. Sender, login with pause->release: what it held may be released (on
	 * hold, of that sender or login, arrived since). It stays PAUSE_LIFTING until
	 * pauses_followed; after a kill before that it is told again. NULL: nothing follows. */
	void (*lifted)(void *owner, const struct pause *pause);
};

/* `ports` and `store` outlive it. Nothing runs before pauses_resume. */
struct pauses *pauses_create(
    struct store *store, const struct pause_ports *ports, const struct pauses_events *events);
/* Whenever the helper has come (back): the first time the pauses are read from the store; each time
 * the tables are made again from what is in force. */
void pauses_resume(struct pauses *pauses);
/* Nothing new is begun. What is in force goes on to be held back, without the service. */
void pauses_stop(struct pauses *pauses);
/* After the store was destroyed. Accepts a pointer to NULL. */
void pauses_destroy(struct pauses **pauses);
int64_t pauses_deadline_ms(const struct pauses *pauses);
/* What follows this pause (see `lifted`) is written down, or nothing does: it ends. */
void pauses_followed(struct pauses *pauses, int64_t id);
void pauses_tick(struct pauses *pauses);

/* Whether they have been read from the store. */
bool pauses_known(const struct pauses *pauses);
/* Those that have not ended, the newest first; valid until the next call of anything here. */
const struct pause *const *pauses_list(const struct pauses *pauses, size_t *count);
/* NULL when there is none with that number that has not ended. */
const struct pause *pauses_get(const struct pauses *pauses, int64_t id);
/* The pause that holds back mail for `domain` now (lower case, A-labels); NULL: none. */
const struct pause *pauses_of_domain(const struct pauses *pauses, struct slice domain);

struct pauses_ask {
	enum pause_kind kind;
	struct slice key; /* domains are taken in either form of IDNA already as A-labels */
	bool subdomains;
	uint32_t throttle_s; /* 0, or one of pauses_throttles */
	bool release;
	struct slice reason, who;
	int64_t until;
	bool long_confirmed;	   /* longer than PAUSES_USUAL_S is meant */
	bool own_domain_confirmed; /* a domain of ours is meant */
	/* Of a provider: the domains that are known to go there. */
	const struct slice *domains;
	size_t domain_count;
};
/* The throttles there are, in seconds, ended by 0. Each is a transport of its own in master.cf, so
 * they are few. */
const uint32_t *pauses_throttles(void);

/* Checks what can be told without asking Postfix, and gives the key in its kept form (lower case)
 * in `key`. False with invalid_value, pause_too_long. Pure. */
bool pauses_check(const struct pauses_ask *ask, int64_t now, struct buffer *key, struct error *err);

/* `pause` is valid during the call; NULL when `err` says why not. */
typedef void pauses_done(void *context, const struct pause *pause, const struct error *err);
/* Writes it down and answers (state PAUSE_SETTING); what becomes of it is told by `changed`.
 * Errors: invalid_value, pause_too_long, pause_exists, pauses_full, pause_setup_missing,
 * pause_setup_changed, pause_setup_impossible, pause_own_domain (confirm it), helper_unavailable,
 * postfix_failed, and those of the store. */
void pauses_set(
    struct pauses *pauses, const struct pauses_ask *ask, pauses_done *done, void *context);
/* Answers when the end is written down. Errors: pause_not_found, pause_ended. */
void pauses_lift(
    struct pauses *pauses, int64_t id, const char *who, pauses_done *done, void *context);
/* Another end. Errors: as pauses_lift, invalid_value. `long_confirmed` as in pauses_ask. */
void pauses_change(struct pauses *pauses, int64_t id, int64_t until, bool long_confirmed,
    const char *who, pauses_done *done, void *context);

/* Mail for `domain` goes to `remote_host`, as the queue or the log tells: taken in where a provider
 * pause stands for that host. Cheap where none does. */
void pauses_saw(struct pauses *pauses, struct slice remote_host, struct slice domain);
/* Whether a provider pause waits for what pauses_saw tells. */
bool pauses_want_hosts(const struct pauses *pauses);

/* ---- The one-time set-up of main.cf ---- */

typedef void pauses_setup_done(
    void *context, const struct pause_setup *setup, const struct error *err);
/* What stands in main.cf, and what would be written. Errors: helper_unavailable, postfix_failed. */
void pauses_setup_look(struct pauses *pauses, pauses_setup_done *done, void *context);
/* Does what was last looked at: `seen` is pause_setup.seen of it. Errors: those of the look,
 * pause_setup_changed (main.cf is another by now: look again), pause_setup_impossible. */
void pauses_setup_do(struct pauses *pauses, uint64_t seen, pauses_setup_done *done, void *context);
/* Takes it out of main.cf again, and reloads; the tables stay. What is paused then waits no longer.
 * Errors: as above. */
void pauses_setup_undo(
    struct pauses *pauses, uint64_t seen, pauses_setup_done *done, void *context);

/* ---- What Postfix would do ---- */

/* What transport_maps says of one address now. */
struct pauses_found {
	struct slice address;
	struct slice key; /* the key that was found: the address, its domain, ".parent"; "": none */
	struct slice answer; /* "smtp:[192.0.2.1]"; "" none */
	bool ours;	     /* it is held back, or throttled, by our table */
	bool wins;	     /* an entry of the operator's own, which a pause would not beat */
};
typedef void pauses_probe_done(
    void *context, const struct pauses_found *found, size_t count, const struct error *err);
/* At most PAUSE_QUERY_MAX addresses. */
void pauses_probe(struct pauses *pauses, const struct slice *addresses, size_t count,
    pauses_probe_done *done, void *context);

/* A pause of somebody else's making, as found in Postfix's own files. */
struct pauses_foreign {
	struct slice what; /* "defer_transports", "transport", "hold" */
	struct slice text; /* "hash:/etc/postfix/transport: dst.example retry:4.3.2 later" */
};
typedef void pauses_foreign_done(
    void *context, const struct pauses_foreign *found, size_t count, const struct error *err);
void pauses_foreign(struct pauses *pauses, pauses_foreign_done *done, void *context);

#endif
