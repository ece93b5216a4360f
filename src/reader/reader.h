/* The reader role: turns what strangers wrote into queue files and listings into typed messages for
 * the server. It can open nothing: all it reads are descriptors that the helper passes. */
#ifndef READER_READER_H
#define READER_READER_H

/* Runs until the supervisor says STOP or is gone. `control_fd` is the control channel
 * (wire/control_proto.h): a CONFIG, then a PEER each for the helper and the server, again whenever
 * one of them was started anew. Returns the exit status. */
int reader_main(int control_fd);

#endif
