/* What is usual for a login, client or sender: the most recipients that it ever had in ten minutes,
 * with a half-life, and when a domain or host last took mail. Bounded: INCIDENTS_KEYS_MAX keys of
 * each kind. Who sends much, or was seen lately, pushes out who does not, so that ten thousand new
 * senders a minute push out each other and no one else. */
#ifndef WATCH_INCIDENT_PEAKS_H
#define WATCH_INCIDENT_PEAKS_H

#include "base/buffer.h"
#include "base/cursor.h"
#include "watch/incidents/incidents.h"

/* Half of a peak is forgotten in a week: a newsletter that goes out each week stays usual, what was
 * once in a year does not. */
#define INCIDENT_PEAK_HALF_LIFE (7 * 86400)
/* The two sums that a peak is the largest of have so many seconds each. */
#define INCIDENT_PEAK_SLOT 300

/* Bytes of one kind that are saved; keys of common length fit all. */
#define INCIDENT_PEAKS_SAVED_MAX ((size_t)512 << 10)

struct incident_peaks;

struct incident_peaks *incident_peaks_create(void);
void incident_peaks_free(struct incident_peaks *peaks); /* accepts NULL */

/* Takes in the recipients of one minute of one key; RATE_LOGIN, RATE_CLIENT and RATE_SENDER only.
 * Minutes come in order: one that is not behind the last of its key is taken as told already. */
void incident_peaks_learn(struct incident_peaks *peaks, enum rate_kind kind, struct slice key,
    int64_t minute, uint32_t recipients);
/* What is not usual must not become so: the minutes of [from, to) of this key are not learned. */
void incident_peaks_skip(
    struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t from, int64_t to);
/* Recipients in ten minutes at the most, as that counts at `now`; 0: never seen. */
double incident_peaks_usual(
    const struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t now);

/* RATE_DOMAIN and RATE_REMOTE_HOST: it took mail in the minute that ended at `at`. */
void incident_peaks_took(
    struct incident_peaks *peaks, enum rate_kind kind, struct slice key, int64_t at);
/* When it last did, Unix seconds; 0: never seen. */
int64_t incident_peaks_last_took(
    const struct incident_peaks *peaks, enum rate_kind kind, struct slice key);

/* The same of the last of all hosts of a provider: hosts that are `provider`, or end with it behind
 * a dot. */
int64_t incident_peaks_last_took_by(const struct incident_peaks *peaks, struct slice provider);

/* What a wrong clock or log put into the future would never be learned again: it is as of `now`. */
void incident_peaks_mend(struct incident_peaks *peaks, int64_t now);

/* Restoring adds to empty ones; false where the bytes are none of incident_peaks_save. */
void incident_peaks_save(const struct incident_peaks *peaks, struct buffer *out);
bool incident_peaks_restore(struct incident_peaks *peaks, struct cursor *c);

#endif
