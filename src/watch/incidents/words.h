/* The words of incidents: what strangers chose is cut and made harmless, and a filter names exactly
 * the messages that are meant. */
#ifndef WATCH_INCIDENT_WORDS_H
#define WATCH_INCIDENT_WORDS_H

#include "base/buffer.h"
#include "base/said.h"
#include "watch/incidents/incidents.h"

/* Bytes of a key in a title, and of a quote. A login may have a thousand. */
#define INCIDENT_KEY_SHOWN 80
#define INCIDENT_QUOTE_SHOWN 300

/* Appends at most `max` bytes of `text`, valid UTF-8, control characters as '?', "..." where it was
 * cut. */
void incident_words_put(struct buffer *out, struct slice text, size_t max);
/* "412 a minute", "3 in 10 minutes": recipients of 10 minutes in the unit that has no fraction. */
void incident_words_rate(struct buffer *out, uint64_t in_ten_minutes);
/* "40 min", "3 h", "2 days". */
void incident_words_span(struct buffer *out, int64_t seconds);
/* Whether the host is the provider's: the same name, or one that ends with it behind a dot. */
bool incident_is_host_of(struct slice host, struct slice provider);
/* The title of a diagnosis behind a colon: with a small letter, unless that is a name's. */
void incident_words_title(struct buffer *out, const char *title);
/* Says the "title" or "advice" of a diagnosis behind what is said already. */
struct diagnosis;
void incident_words_diagnosis(
    struct said *said, const struct diagnosis *diagnosis, const char *part);

#endif
