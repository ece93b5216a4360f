/* Postfix's version, as `postconf -h mail_version` prints it. Pure. */
#ifndef POSTFIX_VERSION_H
#define POSTFIX_VERSION_H

/* Major times 100 plus minor: 305 for "3.5.9", 311 for "3.11-20251231". 0 where the text is NULL or
 * does not begin with two numbers (the minor one of at most two digits): not known. */
int postfix_version(const char *text);

#endif
