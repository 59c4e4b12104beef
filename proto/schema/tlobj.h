/*
 * Any object of the schema as a tree in an arena: decoded from bytes, or built and encoded, for any
 * layer from 144 to 228 (one below or above takes the oldest or newest form of everything). Driven
 * by tables that tools/tlgen.py makes from the lines in proto/schema/; each line's id is checked to
 * be its CRC-32 when the tables are made. Decoding knows all layers' ids at once.
 *
 * Names, not ids: TLC_message stands for the constructor `message` in every layer, and TLF_media
 * for a field called `media` wherever it occurs. When encoding, the form of the wanted layer is
 * chosen; fields that this form lacks are dropped, absent required ones are written as zero, empty,
 * or false. Values change kind between layers where that is sound: int <-> long <-> double, and a
 * plain value
 * <-> the type that came to hold it (string <-> textWithEntities, emoticon <-> reactionEmoji, user
 * id <-> peerUser). Of a value that cannot be turned an optional field is left out, a vector empty.
 *
 * Strings and bytes of a decoded tree are views into the input: it must outlive the tree.
 */
#ifndef TGCLONE_SCHEMA_TLOBJ_H
#define TGCLONE_SCHEMA_TLOBJ_H

#include "proto/base/arena.h"
#include "proto/schema/tl_names.h" /* generated: enum tlc (TLC_*), enum tlf (TLF_*), enum tlt (TLT_*) */
#include "proto/wire/tl.h"

/*
 * TL_DEPTH_MAX: the blocks of a web page in a list of messages stand six levels deep, and lists, details, and styles
 * nest in them as the page's author likes: no limit is published, and one page too deep would cost all the messages
 * that came with it. 64 leaves room, and bounds the recursion.
 */
enum { TL_LAYER_OLD = 144, TL_LAYER_MID = 201, TL_LAYER = 228, TL_DEPTH_MAX = 64 };

struct tl_obj;

/* A vector of anything: elements by index through the functions below. */
struct tl_vec {
	const struct tl_obj *owner; /* private */
	uint32_t count;
	const void *items; /* private */
	uint8_t kind;      /* private */
};

/* ---- decoding ---- */

/*
 * Where and why a decode stopped. id is the constructor id that was not known (TL_UNKNOWN) or stood
 * at a place of another type (TL_TYPE); else 0.
 */
struct tl_error {
	enum tl_fault fault;
	uint32_t offset;
	uint32_t id;
};

/*
 * One boxed object of any type (a query, an update, an answer whose type is not wanted). Bytes
 * behind it are TL_TRAILING; where padding may follow, ask tl_skip for the length first. A Vector
 * of unknown elements is TL_UNKNOWN: tl_decode_result knows them. NULL and *error (may be NULL) on
 * a fault; what the arena then holds is garbage.
 */
const struct tl_obj *tl_decode(struct arena *, struct cspan in, struct tl_error *);
/*
 * The answer to method: its declared result type (of any layer) is demanded. A Vector<T> result
 * comes as an object TLC_vector whose field TLF_items is the vector; Bool as TLC_boolTrue /
 * TLC_boolFalse.
 */
const struct tl_obj *tl_decode_result(struct arena *, enum tlc method, struct cspan in,
				      struct tl_error *);
/* Length of one boxed object of any type, without building it; 0 and *error when it cannot be told.
 */
size_t tl_skip(struct cspan in, struct tl_error *);

enum tlc tl_cons(const struct tl_obj *);    /* TLC_none for NULL */
enum tlt tl_type(const struct tl_obj *);    /* the sum type, for example TLT_Message */
uint32_t tl_wire_id(const struct tl_obj *); /* id as it came, 0 for a built one */
const char *tl_name(enum tlc);              /* "message", "upload.getFile" */
const char *tl_field_name(enum tlf);
/* The constructor's or method's id in that layer, 0 when it does not exist there. */
uint32_t tl_id(enum tlc, int layer);
enum tlc tl_cons_of_id(uint32_t id); /* TLC_none when unknown */
bool tl_is_method(enum tlc);

/* Absent fields read as 0, empty, NULL, false; reading works on built trees as well. o may be NULL.
 */
bool tl_has(const struct tl_obj *o, enum tlf);  /* present (a true flag set, an optional there) */
bool tl_flag(const struct tl_obj *o, enum tlf); /* true flag, or Bool that is boolTrue */
int32_t tl_int(const struct tl_obj *o, enum tlf);
int64_t tl_long(const struct tl_obj *o, enum tlf);
double tl_double(const struct tl_obj *o, enum tlf);
struct cspan tl_bytes(const struct tl_obj *o, enum tlf); /* string, bytes, int128, int256 */
const struct tl_obj *tl_sub(const struct tl_obj *o, enum tlf);
struct tl_vec tl_vec(const struct tl_obj *o, enum tlf);
const struct tl_obj *tl_vec_obj(struct tl_vec, uint32_t i);
int32_t tl_vec_int(struct tl_vec, uint32_t i);
int64_t tl_vec_long(struct tl_vec, uint32_t i);
struct cspan tl_vec_bytes(struct tl_vec, uint32_t i);
/* Shorthand: boxed object's constructor of a field, TLC_none when absent. */
enum tlc tl_sub_cons(const struct tl_obj *o, enum tlf);

/* ---- building ---- */

/* An empty object; NULL when the arena is full (the setters take NULL and do nothing). */
struct tl_obj *tl_new(struct arena *, enum tlc);
/* The field must exist in some layer's form of the constructor: else it is our mistake. */
void tl_set_flag(struct tl_obj *, enum tlf, bool);
void tl_set_int(struct tl_obj *, enum tlf, int32_t);
void tl_set_long(struct tl_obj *, enum tlf, int64_t);
void tl_set_double(struct tl_obj *, enum tlf, double);
void tl_set_bytes(struct tl_obj *, enum tlf, struct cspan); /* not copied */
void tl_set_str(struct tl_obj *, enum tlf, const char *);   /* not copied */
void tl_set_obj(struct tl_obj *, enum tlf, const struct tl_obj *);
void tl_unset(struct tl_obj *, enum tlf);
/* Room for count elements; fill with tl_put_*. An empty optional vector is left out when encoded.
 */
void tl_set_vec(struct arena *, struct tl_obj *, enum tlf, uint32_t count);
void tl_put_obj(struct tl_obj *, enum tlf, uint32_t i, const struct tl_obj *);
void tl_put_int(struct tl_obj *, enum tlf, uint32_t i, int32_t);
void tl_put_long(struct tl_obj *, enum tlf, uint32_t i, int64_t);
void tl_put_bytes(struct tl_obj *, enum tlf, uint32_t i, struct cspan);
/* A deep copy, strings and bytes included: independent of the input it was decoded from. */
struct tl_obj *tl_clone(struct arena *, const struct tl_obj *);
/* A shallow copy whose fields can be set; its vectors are the original's until set anew. */
struct tl_obj *tl_copy(struct arena *, const struct tl_obj *);
/* A whole Vector<obj> / Vector<long> / Vector<int> as a result (TLC_vector, TLF_items). */
struct tl_obj *tl_new_vector(struct arena *, uint32_t count);
struct tl_obj *tl_new_bool(struct arena *, bool);

/*
 * Bytes of the object in a layer's form. Returns the length; 0 with *error TL_MEMORY when it does
 * not fit, TL_UNKNOWN when the layer has no form of some constructor in the tree (id is then that
 * of its newest form), TL_DEPTH for a tree that no decoder would take. offset is always 0.
 */
size_t tl_encode(const struct tl_obj *, int layer, struct span out, struct tl_error *);

#endif
