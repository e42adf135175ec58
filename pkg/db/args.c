#include "db/args.h"

#include "base/mem.h"
#include "base/real.h"
#include "db/array.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

/* The Bind message counts parameters in 16 bits. */
enum { MAX_PARAMS = 65535 };

static const char *print_double(struct arena *a, double d)
{
	char *text;

	if (isnan(d))
		return "NaN";
	if (isinf(d))
		return d > 0 ? "Infinity" : "-Infinity";
	text = arena_alloc(a, REAL_BYTES);
	real_print(text, d);
	return text;
}

static status encode(struct arena *a, const struct db_arg *arg, const char **value, int *length,
                     int *format)
{
	switch (arg->type) {
	case DB_ARG_NULL:
		break;
	case DB_ARG_I64:
		*value = arena_printf(a, "%" PRId64, arg->i);
		break;
	case DB_ARG_BOOL:
		*value = arg->b ? "t" : "f";
		break;
	case DB_ARG_DOUBLE:
		*value = print_double(a, arg->d);
		break;
	case DB_ARG_TEXT:
		if (arg->s.len && memchr(arg->s.ptr, '\0', arg->s.len))
			return status_error(CODE_INVALID_ARGUMENT, "text contains a NUL");
		*value = arena_cstr(a, arg->s);
		break;
	case DB_ARG_BYTES:
		if (arg->s.len > INT_MAX)
			return status_error(CODE_INVALID_ARGUMENT, "too many bytes");
		*value = arg->s.len ? arg->s.ptr : ""; /* a NULL pointer would be SQL's NULL */
		*length = (int)arg->s.len;
		*format = 1;
		break;
	case DB_ARG_I64_ARRAY:
		*value = db_array_print_i64s(a, arg->ints, arg->count);
		break;
	case DB_ARG_DOUBLE_ARRAY:
		*value = db_array_print_doubles(a, arg->doubles, arg->count);
		break;
	case DB_ARG_TEXT_ARRAY:
		return db_array_print_texts(a, arg->texts, arg->count, value);
	}
	return STATUS_OK;
}

status db_args_encode(struct arena *a, struct db_args args, struct db_params *out_params)
{
	const char **values;
	int         *lengths, *formats;

	if (args.count > MAX_PARAMS)
		mem_die("db: too many parameters");
	values = arena_zalloc(a, args.count * sizeof *values);
	lengths = arena_zalloc(a, args.count * sizeof *lengths);
	formats = arena_zalloc(a, args.count * sizeof *formats);
	for (unsigned i = 0; i < args.count; i++)
		TRY(encode(a, &args.items[i], &values[i], &lengths[i], &formats[i]));
	*out_params = (struct db_params){(int)args.count, values, lengths, formats};
	return STATUS_OK;
}
