/* One small thing done as somebody else. */
#ifndef SUPERVISOR_ERRAND_H
#define SUPERVISOR_ERRAND_H

#include <sys/types.h>

/* What is done: 0, or an errno value. */
typedef int errand_work(const void *context);

/* Has a process of that user and group do it, in no other group, and waits for its end. Gives what
 * the work gives, or the errno value of what failed before it. */
int errand_run(uid_t uid, gid_t gid, errand_work *work, const void *context);

#endif
