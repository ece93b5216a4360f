/* The words of an incident in a message: fields of templates, links, and the text of all of it. */
#ifndef WATCH_ALERTS_WORDS_H
#define WATCH_ALERTS_WORDS_H

#include "watch/alerts/body.h"
#include "watch/alerts/template.h"

/* Each "" where there is none. */
struct alerts_words {
	struct buffer number, link, messages, runbook, incident, since, until;
	struct slice value[ALERTS_FIELDS]; /* point into the item, and into the buffers here */
};
void alerts_words_make(const struct alerts_message *message, const struct alerts_item *item,
    const struct alerts_place *place, struct alerts_words *out);
void alerts_words_clear(struct alerts_words *words);

/* 32 hexadecimal digits: the same for each try of the same message, and for no other. */
#define ALERTS_TOKEN_SIZE 33
void alerts_token(const struct alerts_place *place, const char *key, char out[ALERTS_TOKEN_SIZE]);

/* "Fired", "Still", "Ended", "Test". */
const char *alerts_what_word(const struct alerts_message *message, const struct alerts_item *item);

/* All incidents by the channel's template, or our own; lines in which nothing is left go. */
void alerts_words_text(const struct alerts_message *message, const struct alert_channel *channel,
    const struct alerts_place *place, enum alerts_escape how, struct buffer *out);

#endif
