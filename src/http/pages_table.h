/* The embedded files of the page. pages_table.c is made by embed_pages.py from web/dist. */
#ifndef HTTP_PAGES_TABLE_H
#define HTTP_PAGES_TABLE_H

#include <stddef.h>

struct page_form {
	const unsigned char *data; /* NULL: there is no such form */
	size_t len;
};

struct page_file {
	const char *path; /* "/assets/app-XYZ.js" */
	const char *hash; /* of the plain bytes, hexadecimal */
	struct page_form plain, brotli, gzip;
};

/* Ended by an entry without a path. */
extern const struct page_file pages_table[];

#endif
