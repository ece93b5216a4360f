/* Telling the service manager how it goes (sd_notify(3), without its library). */
#ifndef SUPERVISOR_NOTIFY_H
#define SUPERVISOR_NOTIFY_H

#include <stdbool.h>

/* Whether there is one that wants to be told. */
bool notify_has_manager(void);

/* Sends "READY=1", "STOPPING=1", ... to $NOTIFY_SOCKET; does nothing where that is not set. */
void notify_manager(const char *state);
/* The same with a descriptor, which stays the caller's: "FDSTORE=1\nFDNAME=...". */
void notify_manager_fd(const char *state, int fd);

#endif
