/* The server role: the index in memory, the jobs, HTTP. It has no file of the spool open, ever:
 * what it knows comes from the reader and the log reader, what it does goes through the helper. */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

/* Serves until the supervisor says stop or is gone; the exit status. */
int server_main(int control_fd);

#endif
