/* Depths of the queue over a day, as samples of the service's own. */
#include "base/hash.h"
#include "demo/past.h"
#include "store/db.h"
#include "store/samples.h"

/* What waits on an ordinary day, and what the outage added at its worst. */
#define ORDINARY 86
#define OUTAGE 170
/* How long it took to deliver what the outage had kept. */
#define CLEARING_SECONDS 2700

/* Rises while a destination is away, and falls when it is back. */
static int64_t of_outage(int64_t ago)
{
	int64_t span = PAST_OUTAGE_FROM - PAST_OUTAGE_TO, since_back = PAST_OUTAGE_TO - ago;

	if (ago > PAST_OUTAGE_FROM || since_back > CLEARING_SECONDS)
		return 0;
	if (since_back < 0)
		return OUTAGE * (PAST_OUTAGE_FROM - ago) / span;
	return OUTAGE * (CLEARING_SECONDS - since_back) / CLEARING_SECONDS;
}

static struct sample at(int64_t taken, int64_t now)
{
	uint64_t noise = hash_u64((uint64_t)taken);
	struct sample sample = {.taken = taken};

	sample.count[QUEUE_DEFERRED] =
	    ORDINARY - 9 + (int64_t)(noise % 19) + of_outage(now - taken);
	sample.count[QUEUE_ACTIVE] = (int64_t)(noise >> 8) % 5;
	sample.count[QUEUE_INCOMING] = (int64_t)(noise >> 16) % 2;
	sample.count[QUEUE_CORRUPT] = 0;
	/* Some letters of 4 KiB. */
	sample.bytes = (sample.count[QUEUE_DEFERRED] + sample.count[QUEUE_ACTIVE]) * 4096;
	return sample;
}

bool past_write_depths(const char *database, const char *user, int64_t now, struct error *err)
{
	struct db_health health;
	struct db *db;
	enum db_result result;

	if (!db_prepare(database, user, err) || (db = db_open(database, &health, err)) == NULL)
		return false;
	result = db_begin(db, err);
	for (int64_t taken = now - PAST_SECONDS; result == DB_OK && taken < now;
	     taken += SAMPLES_STEP) {
		struct sample sample = at(taken, now);

		result = samples_add(db, &sample, err);
	}
	if (result == DB_OK)
		result = db_commit(db, err);
	db_close(&db);
	return result == DB_OK;
}
