//! Checks JSON against the schema that the API document shows, and says everything that is wrong.

use std::{collections::HashMap, marker::PhantomData};

use jsonschema::{Draft, Validator, error::ValidationErrorKind};
use poem_openapi::{registry::Registry, types::ParseFromJSON};
use serde_json::{Map, Value, json};
use validator::Validate;

use super::Emoji;
use crate::problem::{FieldError, Problem};

/// Enough to mend a form by; a hostile body could be wrong in a million places.
const MOST_ERRORS: usize = 32;

/// The compiled schemas of every request body, by the name of its type.
#[derive(Default)]
pub struct Schemas(HashMap<String, Validator>);

impl Schemas {
    /// Compiles the schemas at these places of the API document, which are those of the request bodies.
    ///
    /// # Panics
    /// When the document isn't one that poem-openapi generates: a programming error, met at start.
    pub fn of_bodies<'a>(bodies: impl Iterator<Item = &'a str>, document: &Value) -> Self {
        let names = bodies.filter_map(|reference| reference.rsplit('/').next());
        let schemas = &document["components"]["schemas"];
        Self(names.map(|name| (name.to_owned(), compile(name, schemas))).collect())
    }

    /// Parses a body of type `T`.
    pub fn parse<T: ParseFromJSON + Validate>(&self, value: Value) -> Result<T, Problem> {
        let name = T::name();
        let schema =
            self.0.get(name.as_ref()).ok_or_else(|| Problem::internal(format!("no schema named {name}")))?;
        parse(schema, value)
    }
}

/// The compiled schema of one type; sockets hold one per event.
pub struct Schema<T> {
    validator: Validator,
    payload: PhantomData<fn() -> T>,
}

impl<T: ParseFromJSON + Validate> Schema<T> {
    pub fn compile() -> Self {
        let mut registry = Registry::new();
        T::register(&mut registry);
        let schemas = serde_json::to_value(&registry.schemas).expect("schemas are plain JSON");
        Self { validator: compile(&T::name(), &schemas), payload: PhantomData }
    }

    /// Parses a payload, or says everything that is wrong with it.
    pub fn parse(&self, value: Value) -> Result<T, Problem> {
        parse(&self.validator, value)
    }
}

fn parse<T: ParseFromJSON + Validate>(schema: &Validator, value: Value) -> Result<T, Problem> {
    let mut errors = Vec::new();
    for error in schema.iter_errors(&value).take(MOST_ERRORS) {
        describe(error.instance_path().as_str(), error.kind(), &mut errors);
    }
    find_nul(&value, String::new(), &mut errors);
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    // What the schema can't say (formats of our own types) the type itself refuses.
    let parsed = T::parse_from_json(Some(value))
        .map_err(|_| Problem::invalid_field("", "invalid", "doesn't fit the schema in /api-docs"))?;
    parsed.validate().map_err(|errors| Problem::invalid(across_fields(&errors)))?;
    Ok(parsed)
}

fn compile(name: &str, schemas: &Value) -> Validator {
    validator(json!({ "$ref": format!("#/components/schemas/{name}"), "components": { "schemas": schemas } }))
}

/// Compiles a schema as OpenAPI 3.0 writes them. What it refers to stands beside it, under `components`.
///
/// # Panics
/// When it isn't a schema.
pub fn validator(mut root: Value) -> Validator {
    allow_null(&mut root);
    close_objects(&mut root);
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .with_format("uuid", |text: &str| uuid::Uuid::try_parse(text).is_ok())
        .with_format("emoji", |text: &str| Emoji::parse(text).is_some())
        .build(&root)
        .expect("generated schemas compile")
}

/// OpenAPI 3.0 writes `nullable: true` where JSON Schema has a second type.
pub fn null_as_type(schema: &mut Map<String, Value>) {
    if schema.get("nullable") != Some(&Value::Bool(true)) {
        return;
    }
    schema.shift_remove("nullable");
    if let Some(kind) = schema.get_mut("type") {
        *kind = json!([kind.take(), "null"]);
    }
    // Another schema, given a description here.
    if let Some(other) = schema.shift_remove("allOf") {
        schema.insert("anyOf".into(), json!([{ "allOf": other }, { "type": "null" }]));
    }
}

fn allow_null(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            null_as_type(fields);
            fields.values_mut().for_each(allow_null);
        }
        Value::Array(items) => items.iter_mut().for_each(allow_null),
        _ => {}
    }
}

/// What the types refuse, the schemas must too: `deny_unknown_fields` isn't shown by the library.
fn close_objects(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("type").is_some_and(|kind| kind == "object") {
                // Without any it is an empty one, and not anything.
                fields.entry("properties").or_insert(json!({}));
            }
            if fields.get("properties").is_some_and(Value::is_object) {
                fields.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            fields.values_mut().for_each(close_objects);
        }
        Value::Array(items) => items.iter_mut().for_each(close_objects),
        _ => {}
    }
}

/// PostgreSQL can't store this one character, and no text that a person writes has it.
fn find_nul(value: &Value, at: String, errors: &mut Vec<FieldError>) {
    match value {
        _ if errors.len() >= MOST_ERRORS => {}
        Value::String(text) if text.contains('\0') => errors.push(FieldError {
            pointer: at,
            code: "character".into(),
            detail: "must not hold the character U+0000".into(),
        }),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| find_nul(value, format!("{at}/{name}"), errors));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| find_nul(value, format!("{at}/{i}"), errors));
        }
        _ => {}
    }
}

/// In our words, never repeating the value: it may be a password.
fn describe(at: &str, kind: &ValidationErrorKind, errors: &mut Vec<FieldError>) {
    use ValidationErrorKind as Kind;
    let mut note = |pointer: String, code: &str, detail: String| {
        errors.push(FieldError { pointer, code: code.into(), detail });
    };
    let at = at.to_owned();
    match kind {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            note(format!("{at}/{name}"), "required", "must be given".into());
        }
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected.iter().take(MOST_ERRORS) {
                note(format!("{at}/{name}"), "unknown_field", "isn't a field of this".into());
            }
        }
        Kind::MinLength { limit } => note(at, "too_short", format!("must have at least {limit} characters")),
        Kind::MaxLength { limit } => note(at, "too_long", format!("must have at most {limit} characters")),
        Kind::MinProperties { .. } => note(at, "required", "must name at least one field".into()),
        Kind::MinItems { limit } => note(at, "too_few", format!("must have at least {limit} items")),
        Kind::MaxItems { limit } => note(at, "too_many", format!("must have at most {limit} items")),
        Kind::UniqueItems => note(at, "not_unique", "must not repeat an item".into()),
        Kind::Minimum { limit } => note(at, "too_small", format!("must be at least {}", whole(limit))),
        Kind::Maximum { limit } => note(at, "too_large", format!("must be at most {}", whole(limit))),
        Kind::Enum { options } => note(at, "not_an_option", format!("must be one of {options}")),
        Kind::Format { format } => note(at, "format", format!("must be a valid {format}")),
        Kind::Pattern { pattern } if pattern == r"\S" => note(at, "blank", "must not be blank".into()),
        Kind::Pattern { pattern } => note(at, "pattern", format!("must match {pattern}")),
        Kind::Type { kind } => note(at, "type", format!("must be of another type: {}", expected(kind))),
        other => note(at, "invalid", format!("doesn't fit the schema ({})", other.keyword())),
    }
}

/// A bound without the fraction that the library keeps bounds with.
fn whole(limit: &Value) -> String {
    match limit.as_f64() {
        Some(number) if number.fract() == 0.0 => format!("{number:.0}"),
        _ => limit.to_string(),
    }
}

fn expected(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(kind) => kind.to_string(),
        jsonschema::error::TypeKind::Multiple(kinds) => {
            kinds.iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// Rules across fields come from `validator`; its field names are Rust's.
fn across_fields(errors: &validator::ValidationErrors) -> Vec<FieldError> {
    let of_field = |(field, errors): (&std::borrow::Cow<'static, str>, &Vec<validator::ValidationError>)| {
        let pointer = if field == "__all__" { String::new() } else { format!("/{}", camel_case(field)) };
        errors
            .iter()
            .map(|error| FieldError {
                pointer: pointer.clone(),
                code: error.code.to_string(),
                detail: error.message.as_deref().unwrap_or("isn't allowed").to_owned(),
            })
            .collect::<Vec<_>>()
    };
    errors.field_errors().iter().flat_map(|(field, errors)| of_field((field, errors))).collect()
}

fn camel_case(field: &str) -> String {
    let mut words = field.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        let capital = letters.next().map(|c| c.to_ascii_uppercase()).into_iter();
        text + &capital.chain(letters).collect::<String>()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, poem_openapi::Object, Validate)]
    #[oai(rename_all = "camelCase", deny_unknown_fields)]
    #[validate(schema(function = "not_the_same"))]
    struct Letter {
        #[oai(validator(min_length = 2, max_length = 5))]
        from_name: String,
        #[oai(validator(max_length = 5))]
        to: Option<String>,
        reply_to: Option<uuid::Uuid>,
    }

    fn not_the_same(letter: &Letter) -> Result<(), validator::ValidationError> {
        match letter.to.as_ref() == Some(&letter.from_name) {
            true => {
                Err(validator::ValidationError::new("same")
                    .with_message("nobody writes to themselves".into()))
            }
            false => Ok(()),
        }
    }

    fn faults(value: Value) -> Vec<(String, String)> {
        let problem = Schema::<Letter>::compile().parse(value).expect_err("it should be refused");
        problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    fn at(pointer: &str, code: &str) -> (String, String) {
        (pointer.into(), code.into())
    }

    #[test]
    fn everything_wrong_is_named_with_its_pointer() {
        let mut found = faults(json!({ "to": "abcdef", "replyTo": "x", "bcc": 1 }));
        found.sort();
        let expected = [
            at("/bcc", "unknown_field"),
            at("/fromName", "required"),
            at("/replyTo", "format"),
            at("/to", "too_long"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn rules_across_fields_come_after() {
        assert_eq!(faults(json!({ "fromName": "abc", "to": "abc" })), [at("", "same")]);
    }

    #[test]
    fn what_is_not_an_object_is_a_type_error() {
        assert_eq!(faults(json!([1])), [at("", "type")]);
        assert_eq!(faults(Value::Null), [at("", "type")]);
    }

    #[test]
    fn what_fits_is_parsed() {
        let letter = Schema::<Letter>::compile().parse(json!({ "fromName": "ana" })).unwrap();
        assert_eq!((letter.from_name.as_str(), letter.to, letter.reply_to), ("ana", None, None));
    }
}
