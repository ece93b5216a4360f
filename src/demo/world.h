/* The world that the demo's mail goes to, as tables: who receives where, and what each server
 * answers. All names are of example domains; all addresses are loopback. */
#ifndef DEMO_WORLD_H
#define DEMO_WORLD_H

#include <stddef.h>

/* How a destination's server is there at all. */
enum world_kind {
	WORLD_ANSWERS, /* an SMTP server that follows its rules */
	WORLD_REFUSES, /* nothing listens */
	WORLD_DROPS,   /* connections are never completed: they time out */
	WORLD_SILENT,  /* connects and never says a word */
	WORLD_NO_TLS,  /* must be TLS by our policy, is not offered */
	WORLD_BAD_TLS, /* must be TLS by our policy, is offered and fails */
	WORLD_NO_DNS,  /* its name cannot be looked up */
};

struct world_host {
	const char *domain; /* the part after the @ */
	const char *name;   /* its mail server */
	enum world_kind kind;
};

enum world_stage { WORLD_GREETING, WORLD_MAIL, WORLD_RCPT, WORLD_END };

/* What a server answers where it does not simply accept. "{rcpt}" stands for the recipient, "{id}"
 * for an identifier that is never the same twice, as large providers put into their replies. */
struct world_rule {
	const char *domain;
	enum world_stage stage;
	unsigned share; /* of a hundred recipients (at WORLD_RCPT) or sessions, for how many */
	unsigned
	    seconds;	/* WORLD_RCPT: only so long after the recipient was first seen; 0: always */
	unsigned wait;	/* seconds before the answer */
	unsigned until; /* only so many seconds after the world began; 0: always */
	const char *reply;
};

const struct world_host *world_hosts(size_t *count);
const struct world_rule *world_rules(size_t *count);

/* The host of a domain, NULL for an unknown one. */
const struct world_host *world_find(const char *domain);

#endif
