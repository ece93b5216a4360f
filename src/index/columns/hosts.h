/* The remote hosts that reasons name, as numbers. They are made for a request about them and
 * forgotten after it, as few requests are: kept, they would cost each reason four bytes more. One
 * pass over the distinct reasons. Private to index/. */
#ifndef INDEX_HOSTS_H
#define INDEX_HOSTS_H

#include "index/columns/dict.h"

struct index;

enum hosts_kind {
	HOSTS_NAME,   /* as it is, in lower case */
	HOSTS_DOMAIN, /* the part of it that somebody registered (hosts_domain) */
	HOSTS_KINDS
};

struct hosts {
	struct dict names;   /* the uses of a name: how many reasons */
	uint32_t *of_reason; /* numbers in `names`, by number of a reason; 0: no host is known */
};

/* The host of a reason, as it stands there; empty for none. */
struct slice hosts_of_reason(const struct index *ix, uint32_t reason);
/* The last two labels of a host's name; three where the second one is a country's own rubric
 * ("co.uk", "com.br"). An address is its own. Hosts of one provider have it in common, whatever
 * they number or name before it. Points into `host`. */
struct slice hosts_domain(struct slice host);

/* Makes ix->hosts[kind], unless it is there; and forgets all of them. */
void hosts_make(struct index *ix, enum hosts_kind kind);
void hosts_forget(struct index *ix);

#endif
