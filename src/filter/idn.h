/* The two forms of an internationalised domain name (IDNA): "xn--mller-kva.example" in ASCII,
 * "müller.example" for people. Mail has either, so a filter looks for both. */
#ifndef FILTER_IDN_H
#define FILTER_IDN_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Appends `text`, an address, a domain or a pattern for one, with each label of its domain (all
 * behind the last @) in the other form: of ASCII, or for people. Labels with * or ? stay as they
 * are. False, with nothing appended, when that changes nothing or a label is no name by IDNA:
 * unassigned, mixed with what may not stand there, or not the one form of what it decodes to. */
bool idn_ascii(struct buffer *out, struct slice text);
bool idn_readable(struct buffer *out, struct slice text);

#endif
