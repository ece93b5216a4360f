/* Sockets that listen already when the service starts: passed by the service manager, which made
 * them (a .socket unit) or kept them from the run before. Connections wait in them meanwhile, and
 * are not refused. */
#ifndef SUPERVISOR_PASSED_H
#define SUPERVISOR_PASSED_H

#include <sys/socket.h>

/* The first call of main: closes every descriptor from 3 on that was not passed to this process
 * (LISTEN_PID, LISTEN_FDS). */
void passed_begin(void);

/* The passed socket that listens at exactly this address; the caller's, close-on-exec and
 * non-blocking. -1: there is none. One with a path counts only while there is a socket there. */
int passed_take(const struct sockaddr *address, socklen_t len);

/* Has the service manager keep a socket for the next run, by a name; nothing for -1, and for one
 * that was passed. Where it keeps none (FileDescriptorStoreMax=), nothing happens. */
void passed_keep(const char *name, int fd);

/* After the last passed_take and before the first passed_keep: what nobody took is closed, named in
 * the log, and kept no longer. */
void passed_end(void);

#endif
