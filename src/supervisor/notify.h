/* Telling the service manager how it goes (sd_notify(3), without its library). */
#ifndef SUPERVISOR_NOTIFY_H
#define SUPERVISOR_NOTIFY_H

/* Sends "READY=1", "STOPPING=1", ... to $NOTIFY_SOCKET; does nothing where that is not set. */
void notify_send(const char *state);

#endif
