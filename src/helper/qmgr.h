/* The mail system of this instance, as /proc shows it. */
#ifndef HELPER_QMGR_H
#define HELPER_QMGR_H

#include "wire/control_proto.h"
#include "wire/helper_proto.h"

/* pid/master.pid beneath the queue directory, and the child of that process named qmgr, oqmgr or
 * nqmgr. Under a command prefix nothing is known, nor where the mail system runs in a container of
 * its own that shares the queue directory. */
struct helper_qmgr qmgr_look(const struct role_config *config);

/* Whether the mail system runs, but not among the processes that are seen here: in a container of
 * its own that shares the queue directory. `postfix reload` would read its number from there and
 * signal whoever has that number here. */
bool qmgr_is_elsewhere(const struct role_config *config);
#define QMGR_ELSEWHERE                                                                             \
	"Postfix runs where its processes are not seen from here, in another container, so that "  \
	"`postfix reload` would signal another process: let Postroom share its process numbers"

/* From the text of /proc/PID/stat: the name in parentheses (which may itself hold parentheses and
 * blanks), its state, the parent and the start time in clock ticks since boot. False when it is not
 * such a text. */
struct qmgr_stat {
	struct slice name;
	bool dead; /* a zombie: it has ended, nobody has waited for it yet */
	uint32_t parent;
	uint64_t start_ticks;
};
bool qmgr_parse_stat(struct slice text, struct qmgr_stat *stat);

#endif
