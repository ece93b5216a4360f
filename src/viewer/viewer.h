/* The role that reads one message and is gone: MIME and character sets, which strangers wrote, far
 * from root and from everything else. */
#ifndef VIEWER_VIEWER_H
#define VIEWER_VIEWER_H

/* Reads one VIEWER_START frame with the message's descriptor from its channel and answers on it
 * (see wire/viewer_proto.h). Returns the exit status. */
int viewer_main(int control_fd);

#endif
