/* What is set about alerts, in memory as the store has it: read once at the start, and changed only
 * through here, so that both are the same. Answers come later, exactly once; `err` NULL: it is
 * written down, and in force. */
#ifndef WATCH_ALERT_SETTING_H
#define WATCH_ALERT_SETTING_H

#include "store/alert_rows.h"
#include "store/store.h"

struct alert_setting;

typedef void alert_setting_done(void *context, const struct error *err);
/* It was read (`memory` is what the engine remembered then), or has changed (NULL). */
typedef void alert_setting_changed(void *context, const struct slice *memory);

/* Begins to read; store and context outlive it. */
struct alert_setting *alert_setting_create(
    struct store *store, alert_setting_changed *changed, void *context);
/* After the store was destroyed. Accepts a pointer to NULL. */
void alert_setting_destroy(struct alert_setting **setting);

/* Reads again what could not be read at the start. */
void alert_setting_tick(struct alert_setting *setting, int64_t now);
/* False until the store was read: then there are no channels yet, and none can be set. */
bool alert_setting_known(const struct alert_setting *setting);
/* Valid until the loop's next turn. */
const struct alert_setup *alert_setting_get(const struct alert_setting *setting);

/* Take what is in `fresh`: channels and heartbeat, or rules. `revision` is the one that they were
 * made from. Errors: alerts_changed, or what the store says. */
void alert_setting_put_channels(struct alert_setting *setting, struct alert_setup *fresh,
    uint64_t revision, alert_setting_done *done, void *context);
void alert_setting_put_rules(struct alert_setting *setting, struct alert_setup *fresh,
    uint64_t revision, alert_setting_done *done, void *context);
/* Takes what is in `silence`; the number is filled in when it is done, in the one that
 * alert_setting_get has. */
void alert_setting_add_silence(struct alert_setting *setting, struct alert_silence *silence,
    alert_setting_done *done, void *context);
void alert_setting_delete_silence(
    struct alert_setting *setting, int64_t id, alert_setting_done *done, void *context);
/* Forgets those that have ended by `now`. */
void alert_setting_expire(struct alert_setting *setting, int64_t now);

#endif
