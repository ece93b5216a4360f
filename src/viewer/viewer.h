/* The viewer: a process for one message. The helper starts it with a channel on descriptor 3, whose
 * first frame is VIEWER_START with the message's descriptor, and whose other end is with whoever
 * asked. It runs as the service's user, may gain no rights, and is bounded in memory and processor
 * time. */
#ifndef VIEWER_VIEWER_H
#define VIEWER_VIEWER_H

/* A message of VIEWER_MESSAGE_MAX, its parts, and their texts fit well; a bomb does not. */
#define VIEWER_MEMORY_MAX ((unsigned long)1 << 30)
#define VIEWER_CPU_SECONDS 20

/* Serves the one request that waits in the channel `fd`, which it takes over. Returns the exit
 * status. */
int viewer_main(int fd);

#endif
