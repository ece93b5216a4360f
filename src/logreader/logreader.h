/* The logreader role: follows the mail log, keeps its index, and tells the server what it says
 * (wire/log_proto.h). It can open nothing: all it reads are descriptors that the helper passes. */
#ifndef LOGREADER_LOGREADER_H
#define LOGREADER_LOGREADER_H

/* Runs until the supervisor says STOP or is gone. `control_fd` is the control channel
 * (wire/control_proto.h): a CONFIG, then a PEER each for the helper and the server, again whenever
 * one of them was started anew. Returns the exit status. */
int logreader_main(int control_fd);

#endif
