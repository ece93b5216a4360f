/* JSON written straight into a buffer, for answers with tens of thousands of values. Members and
 * elements put their own commas. Everything else uses jansson (api.h). */
#ifndef API_JSON_TEXT_H
#define API_JSON_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/said.h"
#include "base/slice.h"

/* '{' or '[', '}' or ']'. */
void json_text_open(struct buffer *out, char bracket);
void json_text_close(struct buffer *out, char bracket);
/* A comma, where one belongs: before an element of an array that is opened by hand. */
void json_text_next(struct buffer *out);
/* A member's name; its value must follow. Names are plain words. */
void json_text_name(struct buffer *out, const char *name);

/* Members with a value. Bytes that are not UTF-8 become U+FFFD. */
void json_text_string(struct buffer *out, const char *name, struct slice value);
void json_text_string_or_null(
    struct buffer *out, const char *name, struct slice value); /* empty: null */
/* A text's words (base/said.h), which are JSON already; null where there are none. */
void json_text_words(struct buffer *out, const char *name, struct slice words);
/* A text under `name`, and its words under NAME_words. */
void json_text_said(struct buffer *out, const char *name, const struct said *said);
void json_text_number(struct buffer *out, const char *name, uint64_t value);
void json_text_integer(struct buffer *out, const char *name, int64_t value);
/* RFC 3339 of Unix seconds; null when not known. */
void json_text_time(struct buffer *out, const char *name, bool known, int64_t seconds);
void json_text_bool(struct buffer *out, const char *name, bool value);
void json_text_null(struct buffer *out, const char *name);
/* The members of a jansson object, which may have none. */
void json_text_members(struct buffer *out, const json_t *object);

#endif
