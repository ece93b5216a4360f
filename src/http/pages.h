/* The page's files and the documentation's: embedded in the program (pages_table.h, made by
 * embed_pages.py), or for development read from a directory at each request. */
#ifndef HTTP_PAGES_H
#define HTTP_PAGES_H

#include "http/router.h"

struct pages;

/* `directory` is "" for the embedded files. */
struct pages *pages_create(const char *directory);
void pages_destroy(struct pages **pages);

/* For http_router_set_fallback. */
void pages_handle(struct http_request *rq, void *pages);

/* The documentation (/docs), for http_router_add with a `struct pages`. */
extern const struct http_route pages_docs_routes[];

/* Which of the forms of a file an Accept-Encoding header takes, the smallest first. "": as it is.
 */
const char *pages_choose_encoding(struct slice accept, bool has_brotli, bool has_gzip);

#endif
