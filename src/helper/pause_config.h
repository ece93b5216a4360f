/* What main.cf says that pauses go by, read anew by postconf for each piece of work: somebody else
 * may have edited it since. */
#ifndef HELPER_PAUSE_CONFIG_H
#define HELPER_PAUSE_CONFIG_H

#include "helper/tool.h"
#include "postfix/pause_lines.h"

struct pause_config {
	struct pause_lines lines;
	/* What the slices point into; the directory too: the helper's configuration may be replaced
	 * meanwhile, as it is after each edit of main.cf. */
	struct buffer explicit_values, expanded, directory;
};
/* A parameter as postconf -x gives it; "" where it is empty or unknown. */
struct slice pause_config_value(const struct pause_config *config, const char *name);

/* `config` is NULL where postconf did not answer, with the reason in `err`. It is the receiver's
 * from then on: pause_config_destroy. */
typedef void pause_config_done(void *context, struct pause_config *config, const struct error *err);
void pause_config_read(struct helper *helper, pause_config_done *done, void *context);
void pause_config_destroy(struct pause_config **config);

/* Where main.cf and our tables lie: postfix.config_directory, or what postconf said. */
const char *pause_config_directory(const struct helper *helper);
/* Whether there can be tables of ours at all: root, on this machine, in a directory whose name can
 * stand in main.cf. False with pause_setup_impossible. */
bool pause_config_possible(const struct helper *helper, struct error *err);

/* Below the directory of the tables: where they are made. */
#define PAUSE_CONFIG_WORKSHOP "new"
/* Something was, or is about to be, written that counts only once Postfix is reloaded. Kept over a
 * kill, so that a reload that did not come, or failed, is made up for. False with errno. */
bool pause_config_set_unread(const struct helper *helper);
bool pause_config_is_unread(const struct helper *helper);
void pause_config_set_read(const struct helper *helper);

#endif
