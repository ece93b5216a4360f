/* The role that is root: it opens what it is asked to, read-only, and runs a fixed table of Postfix
 * commands. It never parses mail. libc only, one thread, poll(2). */
#ifndef HELPER_HELPER_H
#define HELPER_HELPER_H

/* Serves on its control channel (wire/control_proto.h) until STOP or until the channel closes. What
 * is under way then may finish: no command is killed half-way. A message is shown by a process from
 * `viewer_program` (role/program.h), which it takes over; -1: none can be. Returns the exit
 * status. */
int helper_main(int control_fd, int viewer_program);

#endif
