/* Answers with the page's files: chooses the smallest form that the browser takes, and says how
 * long it may be kept. */
#include "http/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/fd.h"
#include "base/memory.h"
#include "http/pages_table.h"

/* A file of a development build. */
#define FILE_MAX ((size_t)16 << 20)
/* Names with a hash of their content in them never change. */
#define CACHE_FOREVER "public, max-age=31536000, immutable"

struct pages {
	char *directory; /* "" for the embedded files */
};

struct pages *pages_create(const char *directory)
{
	struct pages *pages = memory_zero(1, sizeof(*pages));
	pages->directory = memory_strdup(directory);
	return pages;
}

void pages_destroy(struct pages **pages)
{
	if (*pages == NULL)
		return;
	free((*pages)->directory);
	free(*pages);
	*pages = NULL;
}

static const char *content_type(struct slice path)
{
	static const struct {
		const char *ending, *type;
	} types[] = {
	    {".html", "text/html; charset=utf-8"},
	    {".js", "text/javascript; charset=utf-8"},
	    {".css", "text/css; charset=utf-8"},
	    {".svg", "image/svg+xml"},
	    {".png", "image/png"},
	    {".ico", "image/x-icon"},
	    {".json", "application/json"},
	    {".woff2", "font/woff2"},
	    {".txt", "text/plain; charset=utf-8"},
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (slice_ends_with(path, types[i].ending))
			return types[i].type;
	return "application/octet-stream";
}

/* Whether the list accepts a coding: named, and not with q=0 (RFC 9110, 12.5.3). */
static bool accepts(struct slice accept, const char *coding)
{
	struct slice item, name;

	while (slice_split(&accept, ',', &item)) {
		slice_split(&item, ';', &name);
		if (!slice_equal_nocase(slice_trim(name), slice_of(coding)))
			continue;
		item = item.data != NULL ? slice_trim(item) : SLICE("");
		return !(slice_is(item, "q=0") || slice_is(item, "q=0.0") ||
			 slice_is(item, "q=0.00") || slice_is(item, "q=0.000"));
	}
	return false;
}

const char *pages_choose_encoding(struct slice accept, bool has_brotli, bool has_gzip)
{
	/* The smallest first. */
	if (has_brotli && accepts(accept, "br"))
		return "br";
	if (has_gzip && accepts(accept, "gzip"))
		return "gzip";
	return "";
}

static void reply_missing(struct http_request *rq, struct slice path)
{
	if (slice_is(path, "/index.html"))
		http_reply_said(rq, "not_found", NULL, SAID_PROBLEM_NO_PAGE, 0);
	else
		http_reply_said(rq, "not_found", NULL, SAID_PROBLEM_NOTHING_HERE, 0);
}

static void reply_embedded(struct http_request *rq, const struct page_file *file)
{
	struct slice accept = SLICE(""), match;
	const char *encoding;
	const struct page_form *form = &file->plain;
	char etag[60];

	http_header(rq, "Accept-Encoding", &accept);
	/* Compressed when the page was built: no processor time for it here. */
	encoding =
	    pages_choose_encoding(accept, file->brotli.data != NULL, file->gzip.data != NULL);
	if (encoding[0] != '\0') {
		form = encoding[0] == 'b' ? &file->brotli : &file->gzip;
		http_set_header(rq, "Content-Encoding", encoding);
	}
	/* Each form has a tag of its own, as their bytes differ. */
	snprintf(etag, sizeof(etag), "\"%s%s\"", file->hash, encoding);
	http_set_header(rq, "ETag", etag);
	/* A cache in between must not give one browser what another can read. */
	http_set_header(rq, "Vary", "Accept-Encoding");
	http_set_header(rq, "Cache-Control",
	    slice_starts_with(slice_of(file->path), "/assets/") ? CACHE_FOREVER : "no-cache");
	if (http_header(rq, "If-None-Match", &match) && slice_is(match, etag))
		http_reply_empty(rq, 304);
	else
		http_reply_static(
		    rq, 200, content_type(slice_of(file->path)), form->data, form->len);
}

/* Only plain names below the directory. */
static bool path_plain(struct slice path)
{
	/* What is allowed is listed: no name begins with a dot, so `..` leads nowhere. */
	for (size_t i = 0; i < path.len; i++) {
		char c = path.data[i];
		bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			    (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
			    (c == '/' && (i == 0 || path.data[i - 1] != '/')) ||
			    (c == '.' && i > 0 && path.data[i - 1] != '/');
		if (!good)
			return false;
	}
	return path.len < 200;
}

static void reply_from_directory(
    struct http_request *rq, const struct pages *pages, struct slice path)
{
	BUFFER_AUTO struct buffer name = {0}, bytes = {0};

	buffer_printf(&name, "%s%.*s", pages->directory, SLICE_ARGS(path));
	if (!path_plain(path) || !fd_read_file(buffer_string(&name), FILE_MAX, &bytes, NULL)) {
		reply_missing(rq, path);
		return;
	}
	http_set_header(rq, "Cache-Control", "no-cache");
	http_reply_bytes(rq, 200, content_type(path), bytes.data, bytes.len);
}

/* The page shows what its address asks for in the query; an alert's link is shorter and may outlive
 * that: /runbook/NAME, and /runbook for all of them. Relative, so that it is right behind a proxy
 * that serves us below a path of its own. False for every other path. */
static bool redirect_to_runbook(struct http_request *rq, struct slice path)
{
	BUFFER_AUTO struct buffer to = {0};
	struct slice name;

	if (!slice_starts_with(path, "/runbook"))
		return false;
	name = slice_from(path, strlen("/runbook"));
	if (name.len > 0 && name.data[0] != '/')
		return false;
	buffer_printf(&to, "%s/?page=runbook", name.len > 0 ? ".." : ".");
	if (name.len > 1) {
		name = slice_from(name, 1);
		for (size_t i = 0; i < name.len; i++)
			if (slice_find_char(
				SLICE("abcdefghijklmnopqrstuvwxyz0123456789-"), name.data[i]) < 0)
				return false;
		buffer_printf(&to, "&id=%.*s", SLICE_ARGS(name));
	}
	http_set_header(rq, "Location", buffer_string(&to));
	http_reply_empty(rq, 302);
	return true;
}

static void reply_file(struct http_request *rq, const struct pages *pages, struct slice path)
{
	/* With --page-dir the files come from a directory; else they are part of the program. */
	if (pages->directory[0] != '\0') {
		reply_from_directory(rq, pages, path);
		return;
	}
	for (const struct page_file *file = pages_table; file->path != NULL; file++)
		if (slice_is(path, file->path)) {
			reply_embedded(rq, file);
			return;
		}
	reply_missing(rq, path);
}

void pages_handle(struct http_request *rq, void *context)
{
	struct slice path = http_path(rq);

	if (redirect_to_runbook(rq, path))
		return;
	reply_file(rq, context, slice_is(path, "/") ? SLICE("/index.html") : path);
}

/* The links between its pages are relative to its first one; so is this, as that to a runbook. */
static void redirect_to_docs(struct http_request *rq, void *context)
{
	(void)context;
	http_set_header(rq, "Location", "docs/");
	http_reply_empty(rq, 302);
}

static void reply_docs_first(struct http_request *rq, void *context)
{
	reply_file(rq, context, SLICE("/docs/index.html"));
}

static void reply_docs(struct http_request *rq, void *context)
{
	reply_file(rq, context, http_path(rq));
}

/* For everybody, as the page's own files: they say nothing of this host, and whoever cannot sign in
 * needs them most. */
const struct http_route pages_docs_routes[] = {
    {HTTP_GET, "/docs", RIGHT_PUBLIC, 0, NULL, redirect_to_docs, .within = SCOPE_NO_MAIL},
    {HTTP_GET, "/docs/", RIGHT_PUBLIC, 0, NULL, reply_docs_first, .within = SCOPE_NO_MAIL},
    {HTTP_GET, "/docs/{page}", RIGHT_PUBLIC, 0, NULL, reply_docs, .within = SCOPE_NO_MAIL},
    {.path = NULL},
};
