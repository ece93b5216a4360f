/* `postroom pause setup --undo` without the service: what pauses need in main.cf is taken out
 * again, as root, on this machine. For whoever removes Postroom, and for when the service does not
 * start. */
#ifndef CHECK_PAUSE_UNDO_H
#define CHECK_PAUSE_UNDO_H

#include <stdbool.h>

/* Whether that is what these words say, and it can only be done without the service: root asks,
 * names no service (--url, --socket), and none runs here. */
bool pause_undo_wanted(int argc, char **argv);

/* Exit status: 0 main.cf names none of it (any more), 1 it could not be done, 2 wrong usage. */
int pause_undo_main(int argc, char **argv);

#endif
