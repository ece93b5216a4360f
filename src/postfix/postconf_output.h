/* What postconf prints, and Postfix's time values (docs/POSTFIX.md, "Settings and reload"). */
#ifndef POSTFIX_POSTCONF_OUTPUT_H
#define POSTFIX_POSTCONF_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* One line of `postconf`, `postconf -n`, `-d`: "name = value". False when the line is something
 * else. The value may be empty. */
bool postconf_output_parse(struct slice line, struct slice *name, struct slice *value);

/* Finds `name` in the whole output of one of those (the last line wins, as in main.cf). */
bool postconf_output_find(struct slice output, const char *name, struct slice *value);

/* One line of `postconf -P`: "service/type/name = value", a -o override in master.cf. */
struct postconf_output_override {
	struct slice service; /* "qmgr" */
	struct slice type;    /* "unix" */
	struct slice name;
	struct slice value;
};
bool postconf_output_parse_override(struct slice line, struct postconf_output_override *out);

/* A time value as Postfix reads it (util/conv_time.c): digits and one optional unit letter, behind
 * which everything is ignored; `default_unit` where there is none. Seconds; false when it is none,
 * or is over INT_MAX as Postfix refuses it. */
bool postconf_output_time(struct slice value, char default_unit, int64_t *seconds);

/* A time value as we accept it from people: [0-9]{1,9}[smhdw], nothing else, at most INT_MAX
 * seconds. */
bool postconf_output_strict_time(struct slice value, int64_t *seconds);

#endif
