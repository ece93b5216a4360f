/* `postroom leave`: ends what is under way before Postroom is removed, so that no message stays on
 * hold that nobody will come back for. The package's scripts run it; an administrator may. */
#ifndef CHECK_LEAVE_H
#define CHECK_LEAVE_H

/* Exit status: 0 nothing is under way (any more), 1 something is, or it could not be looked at,
 * 2 wrong usage. */
int leave_main(int argc, char **argv);

#endif
