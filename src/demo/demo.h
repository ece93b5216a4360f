/* `postroom demo`: a private Postfix on loopback with a lifelike queue, and the page on it.
 * Everything lives in one temporary directory and is removed at the end, also after a failure
 * half-way, on SIGINT, SIGTERM and SIGHUP. Needs root (Postfix does). Never touches the machine's
 * own mail. */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

/* argv[1] is "demo". Returns the exit status: 0 after being stopped, 1 when something
 * failed, 2 for wrong usage. */
int demo_main(int argc, char **argv);

#endif
