/* postroom audit: what of it works on the files themselves, on this host and without the service.
 */
#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

#include "cli/command.h"

/* Proves the files of the configured database, or of another directory; with the first keys that
 * `key_file` holds (NULL: none), a line each. */
int audit_prove(struct command_run *run, const char *key_file, const char *directory);
/* Shows the first key, once; or begins a new lineage and shows its first key. */
int audit_show_key(struct command_run *run, bool fresh);

#endif
