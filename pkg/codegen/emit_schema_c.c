#include "base/mem.h"
#include "codegen/emit.h"

static const char *presence_name(enum codegen_presence p)
{
	static const char *const names[] = {
	        [CODEGEN_IMPLICIT] = "PB_IMPLICIT", [CODEGEN_OPTIONAL] = "PB_OPTIONAL",
	        [CODEGEN_ONEOF] = "PB_ONEOF",       [CODEGEN_MESSAGE] = "PB_MESSAGE",
	        [CODEGEN_REPEATED] = "PB_REPEATED", [CODEGEN_MAP] = "PB_MAP",
	};

	return names[p];
}

static const char *well_known_name(const char *full_name)
{
	static const struct {
		const char *type, *name;
	} known[] = {
	        {"Timestamp", "PB_TIMESTAMP"},  {"Duration", "PB_DURATION"},
	        {"FieldMask", "PB_FIELD_MASK"}, {"Struct", "PB_STRUCT"},
	        {"Value", "PB_VALUE"},          {"ListValue", "PB_LIST_VALUE"},
	        {"Empty", "PB_EMPTY"},          {"DoubleValue", "PB_WRAPPER"},
	        {"FloatValue", "PB_WRAPPER"},   {"Int64Value", "PB_WRAPPER"},
	        {"UInt64Value", "PB_WRAPPER"},  {"Int32Value", "PB_WRAPPER"},
	        {"UInt32Value", "PB_WRAPPER"},  {"BoolValue", "PB_WRAPPER"},
	        {"StringValue", "PB_WRAPPER"},  {"BytesValue", "PB_WRAPPER"},
	};
	str name = str_c(full_name), package = STR("google.protobuf.");

	for (size_t i = 0; str_starts(name, package) && i < sizeof known / sizeof *known; i++)
		if (str_eq(str_from(name, package.len), str_c(known[i].type)))
			return known[i].name;
	return "PB_ORDINARY";
}

static const char *format_name(const codegen_rules *rules)
{
	switch (rules->format) {
	case CODEGEN_FORMAT(EMAIL):
		return "PB_FORMAT_EMAIL";
	case CODEGEN_FORMAT(PSEUDO):
		return "PB_FORMAT_PSEUDO";
	case CODEGEN_FORMAT(CHANNEL):
		return "PB_FORMAT_CHANNEL";
	case CODEGEN_FORMAT(PICTURE):
		return "PB_FORMAT_PICTURE";
	case CODEGEN_FORMAT(INCLUDE):
		return "PB_FORMAT_INCLUDE";
	default:
		mem_die("a format that the generator does not know");
	}
}

static bool has_rules(const codegen_rules *r)
{
	return r && (r->required || r->min_length || r->max_length || r->_min_case ||
	             r->_max_case || r->min_items || r->max_items || r->format || r->secret ||
	             r->inline_ || r->in_query);
}

static bool has_aliases(const codegen_rules *r)
{
	return r && r->n_alias > 0;
}

static void emit_rules(struct codegen_emit *e, const codegen_rules *r)
{
	if (r->required)
		buf_put(e->out, STR("\t.is_required = true,\n"));
	if (r->secret)
		buf_put(e->out, STR("\t.is_secret = true,\n"));
	if (r->inline_)
		buf_put(e->out, STR("\t.is_inline = true,\n"));
	if (r->in_query)
		buf_put(e->out, STR("\t.is_in_query = true,\n"));
	if (r->format)
		buf_printf(e->out, "\t.format = %s,\n", format_name(r));
	if (r->min_length)
		buf_printf(e->out, "\t.min_length = %u,\n", r->min_length);
	if (r->max_length)
		buf_printf(e->out, "\t.max_length = %u,\n", r->max_length);
	if (r->min_items)
		buf_printf(e->out, "\t.min_items = %u,\n", r->min_items);
	if (r->max_items)
		buf_printf(e->out, "\t.max_items = %u,\n", r->max_items);
	if (r->_min_case)
		buf_printf(e->out, "\t.has_min = true,\n\t.min = %.17g,\n", r->min);
	if (r->_max_case)
		buf_printf(e->out, "\t.has_max = true,\n\t.max = %.17g,\n", r->max);
}

/* What a row of the table of fields points to. */
static void emit_details(struct codegen_emit *e, const struct codegen_message *m,
                         const struct codegen_field *f)
{
	if (has_aliases(f->rules)) {
		buf_printf(e->out, "\nstatic const char *const %s_%s_aliases[] = {", m->name,
		           f->proto->name);
		for (size_t i = 0; i < f->rules->n_alias; i++) {
			codegen_emit_string(e, f->rules->alias[i]);
			buf_put(e->out, STR(", "));
		}
		buf_put(e->out, STR("NULL};\n"));
	}
	if (has_rules(f->rules)) {
		buf_printf(e->out, "\nstatic const struct pb_rules %s_%s_rules = {\n", m->name,
		           f->proto->name);
		emit_rules(e, f->rules);
		buf_put(e->out, STR("};\n"));
	}
}

static void emit_field(struct codegen_emit *e, const struct codegen_message *m,
                       const struct codegen_field *f)
{
	buf_put(e->out, STR("\t{.name = "));
	codegen_emit_string(e, f->proto->name);
	buf_put(e->out, STR(", .json_name = "));
	codegen_emit_string(e, f->proto->json_name);
	buf_printf(e->out, ", .presence = %s", presence_name(f->presence));
	if (f->message)
		buf_printf(e->out, ", .message = &%s_schema", f->message->name);
	if (has_aliases(f->rules))
		buf_printf(e->out, ", .aliases = %s_%s_aliases", m->name, f->proto->name);
	if (has_rules(f->rules))
		buf_printf(e->out, ", .rules = &%s_%s_rules", m->name, f->proto->name);
	buf_put(e->out, STR("},\n"));
}

static void emit_message(struct codegen_emit *e, const struct codegen_message *m)
{
	for (size_t i = 0; i < m->n_fields; i++)
		emit_details(e, m, &m->fields[i]);
	if (m->n_fields > 0) {
		buf_printf(e->out, "\nstatic const struct pb_field %s_fields[] = {\n", m->name);
		for (size_t i = 0; i < m->n_fields; i++)
			emit_field(e, m, &m->fields[i]);
		buf_put(e->out, STR("};\n"));
	}
	buf_printf(e->out, "\nconst struct pb_message %s_schema = {\n\t.descriptor = &%s,\n",
	           m->name, m->descriptor);
	if (m->n_fields > 0)
		buf_printf(e->out, "\t.fields = %s_fields,\n", m->name);
	buf_printf(e->out, "\t.well_known = %s,\n};\n", well_known_name(m->full_name));
}

void codegen_emit_schema_c(struct codegen_emit *e)
{
	codegen_emit_banner(e);
	codegen_emit_include_own(e, "schema.h");
	for (size_t i = 0; i < e->file->n_messages; i++)
		emit_message(e, &e->file->messages[i]);
}
