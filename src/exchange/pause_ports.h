/* What pauses need of the helper, as requests that are answered later (wire/pause_proto.h). The
 * service gives it the channel to the helper; tests give it their own peer.
 *
 * Every request is answered exactly once, never from within the call that asked; after whoever owns
 * the ports was destroyed, not at all. Texts and arrays of an answer live until the callback
 * returns. */
#ifndef EXCHANGE_PAUSE_PORTS_H
#define EXCHANGE_PAUSE_PORTS_H

#include "base/error.h"
#include "exchange/exchange.h"
#include "wire/pause_proto.h"

/* Errors: helper_unavailable (it is gone, or did not answer: what it did is not known), or the
 * helper's own code. */
typedef void pause_written_done(
    void *context, const struct pause_written *written, const struct error *err);
typedef void pause_state_done(
    void *context, const struct pause_setup *setup, const struct error *err);
typedef void pause_answers_done(
    void *context, const struct pause_answer *answers, size_t count, const struct error *err);
typedef void pause_found_done(
    void *context, const struct pause_found *found, size_t count, const struct error *err);

/* None of these may be NULL. */
struct pause_ports {
	void *owner;
	/* Writes a whole table; at most PAUSE_ENTRIES_MAX entries, copied. */
	void (*table)(void *owner, enum pause_table table, const struct pause_entry *entries,
	    size_t count, pause_written_done *done, void *context);
	void (*setup)(
	    void *owner, const struct pause_setup_ask *ask, pause_state_done *done, void *context);
	/* At most PAUSE_QUERY_MAX keys. */
	void (*query)(void *owner, enum pause_query_kind kind, const struct slice *keys,
	    size_t count, pause_answers_done *done, void *context);
	void (*foreign)(void *owner, pause_found_done *done, void *context);
};

/* The same over an exchange with the helper, which stays the caller's and outlives this. */
struct pause_wire;
struct pause_wire *pause_wire_create(struct exchange *helper);
/* Answers nothing that is still open. Accepts a pointer to NULL. */
void pause_wire_destroy(struct pause_wire **wire);
/* Valid as long as `wire`. */
const struct pause_ports *pause_wire_ports(struct pause_wire *wire);

#endif
