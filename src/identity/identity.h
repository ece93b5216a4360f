/* The identity role: asks the issuer of OpenID Connect who somebody is, and believes it only by its
 * signature. It has no file, no secret beyond the question that it works on, and listens nowhere.
 */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

/* Serves until the supervisor says stop or is gone; the exit status. */
int identity_main(int control_fd);

#endif
