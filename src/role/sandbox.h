/* What a process cannot do from here on, whoever took it over: a filter of system calls (seccomp,
 * role/sandbox_calls.h) and rules for files, TCP, signals and abstract sockets (Landlock,
 * role/sandbox_rules.h).
 *
 * A process that starts programs closes its sandbox while it still has root's capabilities, as it
 * may not set no_new_privs: sandbox_close_root. All others close theirs when their rights are gone:
 * sandbox_close. Both close what the kernel gives, and fail only where that cannot be closed. What
 * the kernel does not give, sandbox_lacks tells; run.sandbox says whether the service starts
 * without it (supervisor/supervisor.c). */
#ifndef ROLE_SANDBOX_H
#define ROLE_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "wire/control_proto.h"

/* The exit status of a process that made a system call which its filter does not have. It has
 * named the call in the log. */
#define SANDBOX_EXIT_STATUS 159

/* Around the supervisor, and around the helper before its exec. `foreign`: programs that nobody
 * knows may run beneath it (a command prefix, a log command), and only what no program of a
 * service needs is taken away. The kernel wants CAP_SYS_ADMIN or no_new_privs for it; without both
 * nothing is closed. False with sandbox_failed. */
bool sandbox_close_root(bool foreign, struct error *err);

/* Around every other process, once, with its rights dropped and nothing read but `config` (empty
 * for a viewer), from which it takes the paths that the server may use. Does nothing in the helper,
 * whose sandbox is closed by then. False with sandbox_failed. */
bool sandbox_close(enum control_role role, const struct role_config *config, struct error *err);

/* Around the notifier's starter, and then around each command that it starts: programs that nobody
 * knows, with the rights of the notifier's user. They keep the files that this user may read and
 * write, and outgoing connections; the kernel's own business is taken away, and from a command the
 * signals to everybody but what it started. False with sandbox_failed. */
bool sandbox_close_starter(struct error *err);
bool sandbox_close_command(struct error *err);

/* Writes what the processes of this service do not get, in words for people; "" when they get all.
 * For the supervisor and the helper: it asks the kernel, and looks at the own process. */
void sandbox_lacks(char *text, size_t size);

/* Whether run.sandbox says that the service does not run without all of it. */
bool sandbox_is_required(const struct role_config *config);

/* How many filters are in force around the process of that status (/proc/PID/status, opened by
 * prove_open while it could be); 0 where the kernel does not say. */
unsigned sandbox_filters(int status);
/* Around this process. */
unsigned sandbox_own_filters(void);

/* Whether the kernel says that a process has closed a filter of its own, beside the `inherited`
 * ones of its parent. True also where the kernel gives no filters. False with unsafe. */
bool sandbox_verify(int status, unsigned inherited, struct error *err);

#endif
