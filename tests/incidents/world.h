/* A simulated mail host, minute by minute: who sends, what the other sides answer, what waits. It
 * keeps a queue of its own (messages, recipients, Postfix's retry times and lifetime) and counts
 * what the log reader would count. It knows what is wrong, because it planted it: truths.
 *
 * One seed makes one world. Times are minutes since the world began, unless they are named
 * `_s`: Unix seconds. The first minutes are the past that the incidents learn from; from `play` on
 * they take turns. */
#ifndef INCIDENTS_WORLD_H
#define INCIDENTS_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rates.h"
#include "watch/incidents/incidents.h"

#include "dice.h"
#include "names.h"
#include "replies.h"

#define WORLD_SENDERS 132
#define WORLD_PEOPLE 96
#define HOUR 60
#define DAY (24 * HOUR)

/* What the world has names for. */
enum key { KEY_LOGIN, KEY_CLIENT, KEY_SENDER, KEY_DOMAIN, KEY_HOST, KEY_PROVIDER, KEYS };

/* ---- Where mail goes ---- */

/* By its number in names[KEY_DOMAIN]. */
struct domain {
	uint32_t host; /* in names[KEY_HOST]; the first of `hosts` */
	uint32_t hosts;
	uint32_t provider;    /* in names[KEY_PROVIDER] */
	enum reply greylists; /* how it puts off who is new; REPLY_NONE: it does not */
	enum reply dead;      /* what it has always answered; REPLY_NONE: it works */
	double full;	      /* how many of its mailboxes are full for ever */
	bool local;
	struct truth *trouble; /* what was planted there and acts now */
};

/* What will become of a recipient, if nothing else is in the way. */
enum fate { FATE_GOOD, FATE_UNKNOWN, FATE_FULL, FATE_SPAM, FATE_SPAM_LATER, FATE_HOPS };

struct recipient {
	uint32_t domain, host;
	uint8_t fate, reply;
	bool done;
};

struct message {
	bool used, filtered, external, received;
	enum queue queue;
	uint32_t sender, login, client;
	uint32_t log_login, log_client; /* who the log knows gave it in, through a filter too */
	int32_t arrival, created, held;
	const struct truth *because; /* the flood that it belongs to; NULL: none */
	uint32_t count, waiting;
	uint32_t next; /* of those that are tried in the same minute, or of those that are free */
	struct recipient *recipients;
};

/* ---- Who sends ---- */

enum habit {
	HABIT_PERSON,
	HABIT_GROUPS, /* a person who mails 200 at once */
	HABIT_NEWSLETTER,
	HABIT_BILLING,
	HABIT_LIST,
	HABIT_MACHINE,
	HABIT_SHOP
};

#define FAVOURITES 12
struct sender {
	enum habit habit;
	uint32_t address, login, client;
	double per_day;
	int period, phase; /* minutes between two runs, and when the first one begins */
	unsigned size;	   /* recipients of a run */
	int shift;	   /* of its day, in hours */
	uint32_t favourites[FAVOURITES];
};

/* Mail to many: good or bad. */
struct run {
	const struct sender *by;
	struct truth *truth; /* a hijack; NULL: a good run */
	double per_minute, growth_per_minute;
	unsigned per_message;
	int64_t left;
	int until;
	double unknown, full, spam, spam_later; /* shares of its recipients */
	bool strangers;				/* to addresses that nobody here ever wrote to */
	bool forged;				/* another sender for each message */
	uint32_t sender, login;
	uint32_t clients[5], client_count;
	bool null_sender;
};

/* ---- What is wrong ---- */

enum plot {
	PLOT_HIJACK_400, /* recipients in five minutes */
	PLOT_HIJACK_60,
	PLOT_HIJACK_12,
	PLOT_HIJACK_RAMP,
	PLOT_DEAD_DOMAIN,
	PLOT_REFUSING_DOMAIN,
	PLOT_DEAD_HOSTING, /* many domains behind one provider's hosts */
	PLOT_RATE_LIMIT,
	PLOT_BLOCKLIST,
	PLOT_RESOLVER,
	PLOT_FILTER,
	PLOT_FILTER_HANGS,
	PLOT_LMTP,
	PLOT_DISK,
	PLOT_INODES,
	PLOT_THROTTLED,
	PLOT_LOOKUPS,
	PLOT_LOOP_HOPS,
	PLOT_LOOP_PAIR,
	PLOT_BACKSCATTER,
	PLOT_LONG_DEAD, /* until lifetimes end */
	PLOT_NETWORK,
	PLOT_QMGR,
	PLOT_PICKUP,
	PLOT_ACTIVE_FULL,
	PLOT_HELD,
	PLOT_LOG_UNREAD,
	PLOT_LOG_SILENT,
	PLOT_SOURCE,
	PLOTS
};

struct truth_key {
	enum incident_subject subject;
	enum key kind;
	uint32_t number;
};
#define TRUTH_KEYS_MAX 256

struct truth {
	enum plot plot;
	unsigned kinds; /* 1 << enum incident_kind, or-ed: any of them is right */
	unsigned also;	/* these are its consequences: neither right nor wrong */
	unsigned early; /* so are these until it can be told itself */
	int from, to;
	bool acting;
	/* What it has done that somebody could see, and when that was enough to tell. */
	unsigned hits, need;
	int first_hit, told;
	int tellable; /* of a flood: when it was as large as the smallest that counts */
	struct truth_key keys[TRUTH_KEYS_MAX];
	unsigned key_count;
	uint32_t target; /* a domain, provider or sender */
	double strength;
	enum reply reply;
	int cleaned;	  /* when somebody deletes what a flood left */
	bool forged;	  /* a hijack with another sender for each message */
	bool burst_habit; /* a hijack of somebody who mails many at once */
};
#define TRUTHS_MAX 24

/* Somebody who rightly mailed many at once. */
struct good_burst {
	uint32_t login, client, sender;
	int from, to;
	unsigned size;
	double per_minute, unknown;
};

/* What comes again and again, as the log reader sees it. */
#define REPEATS_MAX 32
#define REPEAT_MINUTES 30
struct repeat {
	char text[120];
	uint32_t sender; /* in names[KEY_SENDER] */
	bool message_id;
	int first; /* the minute of in_minute[0] */
	uint32_t in_minute[REPEAT_MINUTES];
};

/* ---- All of it ---- */

struct counts {
	struct rate_counts *of;
	uint32_t room;
	uint32_t *touched, touched_count, touched_room;
};

struct world {
	struct dice dice;
	int64_t start_s;
	int minutes, play, now;

	bool has_filter, has_mailboxes, has_bots, filter_tells;
	double busy, retirees; /* how much is sent; the share of people with a vacation notice */
	int lifetime, holiday_from, holiday_to;
	struct names names[KEYS];

	struct domain *domains;
	uint32_t domain_count, domain_room;
	uint32_t known_domains, local_domain;
	double *reach; /* how likely the known domains up to this one are, together */
	uint32_t first_small, hosting_first, hosting_count, hosting_provider;
	uint32_t big_providers[4], big_domains[4];
	struct truth **provider_trouble; /* by provider, of those that are known */
	uint32_t known_providers;
	uint32_t filter_host, none_host, lmtp_host;

	struct sender senders[WORLD_SENDERS];
	uint32_t outside[2000], outside_clients[400], outside_domains[2000];
	uint32_t localhost, null_sender;

	struct run *runs;
	uint32_t run_count, run_room;

	struct message *messages;
	uint32_t message_count, message_room, free_message;
	uint32_t *due; /* by minute: the first message that is tried then */
	uint64_t *met; /* a set of sender and domain that greylisting has seen, with when */
	size_t met_room, met_count;

	struct counts counts[RATE_KINDS];
	int log_newest; /* the last minute with a line in the log */

	struct truth truths[TRUTHS_MAX];
	unsigned truth_count;
	struct truth *acting[PLOTS];
	struct good_burst *good;
	uint32_t good_count, good_room;

	/* The disk of the spool. */
	double bytes, bytes_free, log_growth, log_grown, dip, inodes, inodes_free;
	int dip_until;
	int64_t minfree;
	int flush_until, pid;
	uint64_t flushed;
	unsigned expiring; /* messages, in the last minute */
	unsigned held_long;

	struct repeat repeats[REPEATS_MAX];
	unsigned repeat_next;
};

/* ---- people.c ---- */
void people_create(struct world *w);
uint32_t people_any_domain(struct world *w);
/* One that nobody here ever wrote to. */
uint32_t people_new_domain(struct world *w);

/* ---- habits.c: who sends what in this minute ---- */
void habits_minute(struct world *w);
struct run *habits_run(struct world *w);

/* ---- mail.c: the queue ---- */
struct mail {
	uint32_t sender, login, client;
	bool external;
	const struct truth *because;
	const struct recipient *recipients;
	uint32_t count;
};
/* Takes a message in and tries it. */
void mail_accept(struct world *w, const struct mail *mail);
/* What is due now. */
void mail_minute(struct world *w);
void mail_flush(struct world *w);
/* An operator deletes what a flood left. */
void mail_delete(struct world *w, const struct truth *because);

/* ---- plan.c: what goes wrong when ---- */
void plan_create(struct world *w);
void plan_minute(struct world *w);
void plan_hit(struct world *w, struct truth *truth);
void plan_key(struct truth *truth, enum incident_subject subject, enum key kind, uint32_t number);

/* ---- host.c: disk, log lines, notices ---- */
void host_create(struct world *w);
void host_minute(struct world *w);

/* ---- counts.c ---- */
void count(struct world *w, enum rate_kind kind, uint32_t key, enum rate_result result, uint32_t n);
void counts_clear(struct world *w);
/* The key's text, as the log reader sends it. */
struct slice counts_key(const struct world *w, enum rate_kind kind, uint32_t key);

/* ---- repeats.c ---- */
/* The same message ID, or sender and recipient, has come once more. `text` is unique to it. */
void repeat_note(struct world *w, const char *text, uint32_t sender, bool message_id, unsigned n);
unsigned repeat_times(const struct world *w, const struct repeat *repeat);

/* ---- facts.c ---- */
struct facts;
struct facts *facts_create(void);
void facts_free(struct facts *facts);
const struct incident_facts *facts_of(struct facts *facts, struct world *w);

/* ---- world.c ---- */
struct world *world_create(uint64_t seed, int past_days, int play_days);
void world_free(struct world *w);
/* One more minute; false when the world has ended. */
bool world_minute(struct world *w);
int64_t world_now_s(const struct world *w);

#endif
