/* What the files of the pauses share: pauses.c (the list, the tables, the turns), pauses_change.c
 * (what people ask), pauses_look.c (what Postfix is asked). Nobody else includes it. */
#ifndef SETTINGS_PAUSES_INTERNAL_H
#define SETTINGS_PAUSES_INTERNAL_H

#include "base/table.h"
#include "settings/pauses.h"

#define NEVER INT64_MAX
/* The helper is gone; it tells by pauses_resume when it is there again. */
#define GONE_MS 5000

/* A pause as it is known here. */
struct live {
	struct live *next;
	struct pauses *pauses;
	struct pause pause;
	struct table taken;    /* pause.domains, by their text */
	size_t stored_domains; /* how many of them the store has */
	bool born;	       /* written down: before that it only keeps its key */
	bool sent;	       /* in the table that is being written, or (lifting) not in it */
	bool in_table;	       /* as far as is known */
	bool wants_probe;      /* Postfix has not been asked yet whether it holds */
	int64_t settle_ms;     /* lifting: when Postfix knows it; NEVER: the table still has it */
	bool told_lifted, followed;
	bool ending;   /* its end is being stored */
	bool left_out; /* a throttle that cannot be: its mail goes as always */
};

/* Who waits for what Postfix says. Each run starts several of root's commands, and everybody who
 * may look can ask: so one run at a time, for all that wait. Who comes while it goes on waits for
 * the next, as that one may have read main.cf before. */
struct asker {
	struct asker *next;
	pauses_setup_done *setup;
	pauses_foreign_done *foreign;
	void *context;
};
struct askers {
	struct asker *now, *then; /* of the run under way, of the next */
};

struct pauses {
	struct store *store;
	struct pause_ports ports;
	struct pauses_events events;
	struct live *first; /* the newest first */
	struct answer *answers;
	const struct pause **list;
	size_t list_count;
	bool stopping, reading, known; /* known: read from the store */
	bool dirty[PAUSE_TABLES];
	unsigned writing; /* a table, or TABLE_NONE_WRITING */
	bool probing, looking;
	struct askers setup_askers, foreign_askers;
	int64_t asked[PAUSE_QUERY_MAX]; /* the pauses of the probe that is under way */
	size_t asked_count;
	int64_t again_ms, look_ms;
	int64_t reloaded_ms;	 /* when the last table cost a reload of Postfix */
	int64_t grown_ms;	 /* when domains that were taken in are written; 0: none */
	char setup_trouble[200]; /* main.cf is not as it must be; "" it is */
	bool no_logins;		 /* as pause_setup has it, when it was last looked at */
};

/* An answer that is still to be given, and what is written down for it. */
struct answer {
	struct pauses *pauses;
	pauses_done *done;
	void *context;
	int64_t id;
	struct pause pause; /* as it was written */
	size_t from;	    /* the first of its domains that the store does not have yet */
	struct error err;
	/* Of one that is being set. */
	struct live *live;
	bool own_confirmed;
	struct answer *next; /* of all that are to be given */
};

/* pauses_list.c */

/* The only place that sets a state. */
void pauses_go(struct live *l, enum pause_state to);
/* It is to be in its table. */
bool pauses_is_wanted(const struct live *l);
enum pause_table pauses_table_of(const struct live *l);
/* Below, not the same. */
bool pauses_is_below(struct slice name, struct slice parent);
struct live *pauses_add(struct pauses *p);
void pauses_drop(struct live *l);
struct live *pauses_find(const struct pauses *p, int64_t id);
/* After domains were added to it. */
void pauses_index_domains(struct live *l);
/* Its table has to be written anew. */
void pauses_mark(struct live *l);
/* The same, for a domain that was taken in: after a reload not at once. */
void pauses_mark_grown(struct live *l);
/* Makes the list that pauses_list gives. */
void pauses_make_list(struct pauses *p);
/* The list has changed, or something of this one. */
void pauses_tell(struct live *l);
/* Says why it does not hold, or ("") that it does; only a change is told. */
void pauses_set_trouble(struct live *l, const char *trouble);
/* By whom, or "" because its time is over. The table follows by itself; the row is the caller's. */
void pauses_begin_lift(struct live *l, const char *who);
/* Writes it down as it is now. */
void pauses_keep(struct live *l);

/* Answers `done` (NULL: nobody waits), later. */
struct answer *pauses_answer_new(struct pauses *p, pauses_done *done, void *context);
/* Without an answer. */
void pauses_answer_free(struct answer *a);
/* Answers, by the pause of a->id as it is now, and frees it. */
void pauses_answer_end(struct answer *a, const struct error *err);
store_work pauses_write_row;
/* As postmap itself folds the keys of a table. */
void pauses_put_lower(struct buffer *out, struct slice text);
/* False with the reason where pauses would not hold. */
bool pauses_is_set_up(const struct pause_setup *setup, struct error *err);

/* pauses_look.c */

/* Asks whether those hold that want to be asked for. */
void pauses_begin_probe(struct pauses *p);
/* Without an answer. */
void pauses_forget_askers(struct pauses *p);
/* Keeps what a look at the set-up says of all pauses. */
void pauses_take_setup(struct pauses *p, const struct pause_setup *setup);
/* Asks whether main.cf still names the tables. */
void pauses_begin_look(struct pauses *p);

#endif
