/* Fuzz target: the sizes of pictures that clients send. */
#include "tools/tgsim/model_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world_options opt = {.seed = 1};
	struct world *w = world_make(&opt);
	int32_t width, height;
	struct file *f;

	check(w != NULL);
	f = file_make(w, FILE_PHOTO, (int64_t)size, 1);
	f->source =
	    (struct source){.kind = SOURCE_BYTES, .bytes = data, .head_len = (uint32_t)size};
	if (file_image_size(w, f, &width, &height))
		check(width > 0 && height > 0);
	world_free(w);
	return 0;
}
