/*
 * Link previews, and the UTF-16 arithmetic of entities. A simulator fetches nothing: the page is
 * made from the link itself, so the same link gives the same page in every chat.
 */
#include "tools/tgsim/model_priv.h"

static uint32_t units_at(uint8_t lead)
{
	if ((lead & 0xc0) == 0x80)
		return 0;
	return lead >= 0xf0 ? 2 : 1;
}

uint32_t utf16_len(struct cspan s)
{
	uint32_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += units_at(s.at[i]);
	return n;
}

static size_t byte_of_unit(struct cspan s, uint32_t unit)
{
	uint32_t n = 0;
	size_t i = 0;

	while (i < s.len && (n < unit || units_at(s.at[i]) == 0))
		n += units_at(s.at[i++]);
	return i;
}

struct cspan utf16_slice(struct cspan s, uint32_t from, uint32_t len)
{
	size_t start = byte_of_unit(s, from);
	struct cspan rest = {s.at + start, s.len - start};

	return cspan_of(rest.at, len == 0 ? 0 : byte_of_unit(rest, len));
}

static struct cspan link_of(const struct tl_obj *message)
{
	struct tl_vec entities = tl_vec(message, TLF_entities);

	for (uint32_t i = 0; i < entities.count; i++) {
		const struct tl_obj *e = tl_vec_obj(entities, i);

		if (tl_cons(e) == TLC_messageEntityTextUrl)
			return tl_bytes(e, TLF_url);
		if (tl_cons(e) == TLC_messageEntityUrl)
			return utf16_slice(tl_bytes(message, TLF_message),
					   (uint32_t)tl_int(e, TLF_offset),
					   (uint32_t)tl_int(e, TLF_length));
	}
	return cspan_of(NULL, 0);
}

static struct cspan join(struct arena *arena, const char *a, struct cspan b)
{
	size_t n = strlen(a);
	uint8_t *p = arena_take(arena, n + b.len);

	if (p == NULL)
		return cspan_of(NULL, 0);
	memcpy(p, a, n);
	memcpy(p + n, b.at, b.len);
	return cspan_of(p, n + b.len);
}

static struct cspan without_scheme(struct cspan url)
{
	for (size_t i = 0; i + 3 <= url.len; i++)
		if (memcmp(url.at + i, "://", 3) == 0)
			return cspan_of(url.at + i + 3, url.len - i - 3);
	return url;
}

static struct cspan host_of(struct cspan bare)
{
	size_t n = 0;

	while (n < bare.len && bare.at[n] != '/' && bare.at[n] != '?' && bare.at[n] != '#')
		n++;
	return cspan_of(bare.at, n);
}

static uint64_t text_hash(uint64_t key, struct cspan s)
{
	uint64_t h = key;

	for (size_t i = 0; i < s.len; i++)
		h = mix64(h ^ s.at[i]);
	return h;
}

const struct tl_obj *webpage_media(struct world *w, struct arena *arena,
				   const struct tl_obj *message)
{
	struct cspan url = link_of(message), bare = without_scheme(url);
	struct tl_obj *page, *media;

	if (host_of(bare).len == 0)
		return NULL;
	if (bare.len == url.len)
		url = join(arena, "https://", url);
	page = tl_new(arena, TLC_webPage);
	tl_set_long(page, TLF_id, (int64_t)(text_hash(w->key, url) >> 1));
	tl_set_bytes(page, TLF_url, url);
	tl_set_bytes(page, TLF_display_url, bare);
	tl_set_str(page, TLF_type, "article");
	tl_set_bytes(page, TLF_site_name, host_of(bare));
	tl_set_bytes(page, TLF_title, join(arena, "A page of ", host_of(bare)));
	media = tl_new(arena, TLC_messageMediaWebPage);
	tl_set_obj(media, TLF_webpage, page);
	return media;
}
