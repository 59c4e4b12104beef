/*
 * Whether a message and its clone say the same to people, field by field: for verify, and for reports.
 * Pure. Ids, dates, views and authors may differ; what a server makes of a text by itself (links,
 * mentions, previews) is not compared.
 */
#ifndef TGCLONE_CLONE_COMPARE_H
#define TGCLONE_CLONE_COMPARE_H

#include "proto/api/message.h"

/* True: the same. Else the first difference in what ("duration 12 != 13"). */
bool compare_messages(const struct message *source, const struct message *target, char *what,
		      size_t what_size);

/*
 * The same of a pair that has a note (of the ledger's row): a loss that it tells of is no difference. loss:
 * what is not the same for that reason, "" when nothing is.
 */
bool compare_noted(const struct message *source, const struct message *target, const char *note,
		   char *what, char *loss, size_t size);

/* The document's attribute of that kind; NULL: it has none. */
const struct tl_obj *compare_attribute(const struct media *, enum tlc kind);

#endif
