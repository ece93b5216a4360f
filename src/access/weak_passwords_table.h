/* What embed_passwords.py makes of weak_passwords.txt; for weak_passwords.c alone. */
#ifndef ACCESS_WEAK_PASSWORDS_TABLE_H
#define ACCESS_WEAK_PASSWORDS_TABLE_H

#include <stddef.h>
#include <stdint.h>

extern const size_t weak_passwords_count;
extern const char weak_passwords_text[];       /* each with its NUL, in strcmp's order */
extern const uint32_t weak_passwords_starts[]; /* of each in the text */

#endif
