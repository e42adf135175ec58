#include "codegen/emit.h"

/* Files whose messages or enums stand in fields of this one's messages. */
static bool is_used_by_fields(const struct codegen_file *by, const struct codegen_file *file)
{
	for (size_t i = 0; i < by->n_messages; i++)
		for (size_t k = 0; k < by->messages[i].n_fields; k++) {
			const struct codegen_field *f = &by->messages[i].fields[k];

			if (f->message && f->message->file == file)
				return true;
			for (size_t j = 0; f->enum_type && j < file->n_enums; j++)
				if (f->enum_type == &file->enums[j])
					return true;
		}
	return false;
}

static void emit_enum(struct codegen_emit *e, const struct codegen_enum *type)
{
	buf_printf(e->out, "typedef %s %s;\n", type->c_type, type->name);
	for (size_t i = 0; i < type->n_values; i++)
		buf_printf(e->out, "#define %s %s\n", type->values[i].constant,
		           type->values[i].c_name);
	buf_put_c(e->out, '\n');
}

/* The type of a singular field's member. */
static const char *value_type(struct codegen_emit *e, const struct codegen_field *f)
{
	switch ((int)f->proto->type) {
	case CODEGEN_TYPE(INT32):
	case CODEGEN_TYPE(SINT32):
	case CODEGEN_TYPE(SFIXED32):
		return "int32_t ";
	case CODEGEN_TYPE(INT64):
	case CODEGEN_TYPE(SINT64):
	case CODEGEN_TYPE(SFIXED64):
		return "int64_t ";
	case CODEGEN_TYPE(UINT32):
	case CODEGEN_TYPE(FIXED32):
		return "uint32_t ";
	case CODEGEN_TYPE(UINT64):
	case CODEGEN_TYPE(FIXED64):
		return "uint64_t ";
	case CODEGEN_TYPE(FLOAT):
		return "float ";
	case CODEGEN_TYPE(DOUBLE):
		return "double ";
	case CODEGEN_TYPE(BOOL):
		return "bool ";
	case CODEGEN_TYPE(STRING):
		return "char *";
	case CODEGEN_TYPE(BYTES):
		return "ProtobufCBinaryData ";
	case CODEGEN_TYPE(ENUM):
		return arena_printf(e->a, "%s ", f->enum_type->name);
	default:
		return arena_printf(e->a, "%s *", f->message->name);
	}
}

/* Presence of an optional or oneof field, without protobuf-c's names for it. */
static void emit_presence(struct codegen_emit *e, const struct codegen_message *m,
                          const struct codegen_field *f)
{
	buf_printf(e->out,
	           "\nstatic inline bool %s_has_%s(const %s *m)\n"
	           "{\n"
	           "\treturn m->%s == %d;\n"
	           "}\n",
	           m->name, f->proto->name, m->name, f->case_name, f->proto->number);
	buf_printf(e->out,
	           "\nstatic inline void %s_set_%s(%s *m, %svalue)\n"
	           "{\n"
	           "\tm->%s = %d;\n"
	           "\tm->%s = value;\n"
	           "}\n",
	           m->name, f->proto->name, m->name, value_type(e, f), f->case_name,
	           f->proto->number, f->member);
}

static void emit_message(struct codegen_emit *e, const struct codegen_message *m)
{
	buf_put_c(e->out, '\n');
	if (m->comment)
		codegen_emit_comment(e, m->comment);
	buf_printf(e->out, "extern const struct pb_message %s_schema;\n", m->name);
	buf_printf(e->out,
	           "\nstatic inline void %s_init(%s *m)\n"
	           "{\n"
	           "\tprotobuf_c_message_init(&%s, m);\n"
	           "}\n",
	           m->name, m->name, m->descriptor);
	for (size_t i = 0; i < m->n_fields; i++)
		if (m->fields[i].case_name)
			emit_presence(e, m, &m->fields[i]);
}

void codegen_emit_schema_h(struct codegen_emit *e)
{
	const struct codegen_file *f = e->file;

	codegen_emit_guard(e, "schema.h");
	buf_put(e->out, STR("#include <stdbool.h>\n\n"));
	codegen_emit_include_own(e, "pb-c.h");
	codegen_emit_include_schemas(e, is_used_by_fields);
	buf_put(e->out, STR("#include \"pb/schema.h\"\n\n"));
	for (size_t i = 0; i < f->n_enums; i++)
		emit_enum(e, &f->enums[i]);
	for (size_t i = 0; i < f->n_messages; i++)
		buf_printf(e->out, "typedef %s %s;\n", f->messages[i].c_type, f->messages[i].name);
	for (size_t i = 0; i < f->n_messages; i++)
		emit_message(e, &f->messages[i]);
	codegen_emit_guard_end(e);
}
