/* What joins the audit's files and the database: promised records move on from the database into
 * the files, the rows of earlier versions too, and the database notes where the files end. */
#ifndef SERVER_AUDITING_H
#define SERVER_AUDITING_H

struct api;
struct auditing;

/* Of `api` it uses store, audit and audit_memory, which outlive it. */
struct auditing *auditing_create(struct api *api);
/* Some times a second. */
void auditing_tick(struct auditing *auditing);
/* After the store, which calls it back. Accepts a pointer to NULL. */
void auditing_destroy(struct auditing **auditing);

#endif
