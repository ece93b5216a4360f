/* The name of a person as somebody else gives it: a proxy, a provider of single sign-on. Accounts
 * here have names of ASCII (accounts_check_name); people who are known elsewhere have names of any
 * script. It goes into the audit and onto the page, so two people must not have names that look the
 * same there, and one person must not have two. Pure. */
#ifndef ACCESS_PERSON_NAME_H
#define ACCESS_PERSON_NAME_H

#include "access/accounts.h"

/* The name as it is used from then on: in lower case and composed (NFC), so that Anna and ANNA are
 * one person. False, with bad_name and what is wrong, for one that is empty or longer than
 * ACCOUNTS_NAME_MAX bytes; is not UTF-8; has other characters than letters, digits, marks, the
 * printable ones of ASCII and single blanks between them; has characters that only look like others
 * (another form in NFKC, such as full-width letters); mixes scripts within a word (a Cyrillic
 * letter among Latin ones), but for those that are written together; or is one that the service
 * itself writes in the place of a name ("root", "uid 1000", "-"). */
bool person_name(struct slice given, char out[ACCOUNTS_NAME_MAX + 1], struct error *err);

#endif
