//! The one error that leaves the program: a problem document (RFC 9457).
//!
//! Modules have their own error enums and one mapping from each to [`Problem`]. Whatever else goes
//! wrong on the way (a router's 404, a body too large, a panic) is turned into one of these at the
//! outermost layer, so a client only ever learns one shape.

use std::fmt;

use poem::{IntoResponse, Response, error::ResponseError, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::Type,
};
use serde::{Deserialize, Serialize};

/// The media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A kind of problem: stable, documented, and always of one status.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable name, `E_…`; clients branch on this and on nothing else.
    pub name: &'static str,
    /// HTTP status code.
    pub status: u16,
    /// What it means, in one short line that never varies.
    pub title: &'static str,
}

impl Code {
    /// Declares a code; used in `const` items next to the errors they name.
    pub const fn new(name: &'static str, status: u16, title: &'static str) -> Self {
        Self { name, status, title }
    }
}

/// Codes that belong to no module.
pub mod codes {
    use super::Code;

    pub const BODY_MALFORMED: Code = Code::new("E_BODY_MALFORMED", 400, "The body isn't JSON");
    pub const HEADER_INVALID: Code = Code::new("E_HEADER_INVALID", 400, "A header's value can't be used");
    pub const REQUEST_MALFORMED: Code =
        Code::new("E_REQUEST_MALFORMED", 400, "The request can't be understood");
    pub const TOKEN_MISSING: Code = Code::new("E_TOKEN_MISSING", 401, "This needs a signed-in user");
    pub const TOKEN_INVALID: Code = Code::new("E_TOKEN_INVALID", 401, "The access token isn't valid");
    pub const TOKEN_EXPIRED: Code = Code::new("E_TOKEN_EXPIRED", 401, "The access token has expired");
    pub const SESSION_ENDED: Code = Code::new("E_SESSION_ENDED", 401, "The session has ended");
    pub const FORBIDDEN: Code = Code::new("E_FORBIDDEN", 403, "Your role doesn't allow this");
    pub const ORIGIN_REFUSED: Code =
        Code::new("E_ORIGIN_REFUSED", 403, "Pages of this origin may not connect");
    pub const NOT_FOUND: Code = Code::new("E_NOT_FOUND", 404, "There is no such thing");
    pub const METHOD_NOT_ALLOWED: Code =
        Code::new("E_METHOD_NOT_ALLOWED", 405, "This resource has no such method");
    pub const REQUEST_TIMEOUT: Code = Code::new("E_REQUEST_TIMEOUT", 408, "The body arrived too slowly");
    pub const EDITED_MEANWHILE: Code =
        Code::new("E_EDITED_MEANWHILE", 412, "It has changed since you read it");
    pub const TOO_MANY_FOLLOWED: Code =
        Code::new("E_TOO_MANY_FOLLOWED", 409, "A socket follows only so many conversations");
    pub const BODY_TOO_LARGE: Code = Code::new("E_BODY_TOO_LARGE", 413, "The body is too large");
    pub const MEDIA_TYPE: Code = Code::new("E_MEDIA_TYPE", 415, "The body must be application/json");
    pub const INVALID: Code = Code::new("E_INVALID", 422, "The request has fields that can't be accepted");
    pub const IDEMPOTENCY_REUSED: Code =
        Code::new("E_IDEMPOTENCY_REUSED", 422, "This idempotency key was used for something else");
    pub const CURSOR_INVALID: Code = Code::new("E_CURSOR_INVALID", 422, "The cursor isn't one of ours");
    pub const EVENT_UNKNOWN: Code = Code::new("E_EVENT_UNKNOWN", 422, "There is no such event");
    pub const TOO_MANY_EVENTS: Code =
        Code::new("E_TOO_MANY_EVENTS", 429, "Events arrive faster than they can be handled");
    pub const INTERNAL: Code = Code::new("E_INTERNAL", 500, "Something went wrong on our side");
    pub const OVERLOADED: Code = Code::new("E_OVERLOADED", 503, "Too busy right now");
    pub const UNAVAILABLE: Code = Code::new("E_UNAVAILABLE", 503, "Not available right now");

    /// All of them, in the order of their status.
    pub const ALL: &[&Code] = &[
        &BODY_MALFORMED,
        &HEADER_INVALID,
        &REQUEST_MALFORMED,
        &TOKEN_MISSING,
        &TOKEN_INVALID,
        &TOKEN_EXPIRED,
        &SESSION_ENDED,
        &FORBIDDEN,
        &ORIGIN_REFUSED,
        &NOT_FOUND,
        &METHOD_NOT_ALLOWED,
        &REQUEST_TIMEOUT,
        &EDITED_MEANWHILE,
        &TOO_MANY_FOLLOWED,
        &BODY_TOO_LARGE,
        &MEDIA_TYPE,
        &INVALID,
        &IDEMPOTENCY_REUSED,
        &CURSOR_INVALID,
        &EVENT_UNKNOWN,
        &TOO_MANY_EVENTS,
        &INTERNAL,
        &OVERLOADED,
        &UNAVAILABLE,
    ];
}

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer to the field in the body (`/content`), or `?name` for a parameter.
    pub pointer: String,
    /// What is wrong, as a stable word: `required`, `too_long`, `unknown_field` …
    pub code: String,
    /// What is wrong, for a person.
    pub detail: String,
}

/// What went wrong, and what the caller can do about it.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: &'static Code,
    /// For a person: what happened and what to do. Never holds SQL, paths or secrets.
    pub detail: String,
    /// The fields at fault, for invalid input.
    pub errors: Vec<FieldError>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem of this kind; the detail says what the caller can do.
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// Nothing of this name that the caller may see.
    pub fn not_found(what: &str) -> Self {
        Self::new(&codes::NOT_FOUND, format!("There is no such {what}, or you may not see it."))
    }

    /// Input that can't be accepted, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.pointer.is_empty() => format!("The whole {}.", only.detail),
            [only] => format!("{} {}.", only.pointer, only.detail),
            many => format!("{} fields can't be accepted; see errors.", many.len()),
        };
        Self { errors, ..Self::new(&codes::INVALID, detail) }
    }

    /// One field that can't be accepted.
    pub fn invalid_field(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.into(), code: code.into(), detail: detail.into() }])
    }

    /// A fault of ours. The cause is logged here, once, and never told to the caller.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(&codes::INTERNAL, "It has been logged with the request's id; trying again may help.")
    }

    /// Says when trying again makes sense.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The problem as it travels. `instance` is the path or event it happened on.
    pub fn document(&self, instance: &str, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            kind: format!("/api-docs/problems#{}", self.code.name),
            title: self.code.title.to_owned(),
            status: self.code.status,
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            code: self.code.name.to_owned(),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

/// A problem document: what every error answer and every refused socket event carries.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(rename = "Problem", rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct ProblemDocument {
    /// Where this kind of problem is described.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; the same for every problem of one code.
    pub title: String,
    /// The HTTP status, also on sockets.
    pub status: u16,
    /// What happened this time, and what the caller can do.
    pub detail: String,
    /// The path, or the socket event, that it happened on.
    pub instance: String,
    /// Stable code to branch on.
    pub code: String,
    /// Names this request in our logs.
    pub request_id: String,
    /// The fields at fault; only for invalid input.
    #[oai(skip_serializing_if_is_empty, default)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.detail)
    }
}

impl std::error::Error for Problem {}

/// Lets `?` turn a problem into the library's error; the outermost layer turns it back.
impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status).expect("codes are declared with valid statuses")
    }
}

/// The answer carries the problem as an extension and no body yet: the outermost layer, which knows
/// the path and the request id, writes the document.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.set_data(self);
        response
    }
}

/// Documented once for every operation, as its `default` answer.
impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "A problem document; `code` says which.",
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: PROBLEM_JSON,
                    schema: ProblemDocument::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        ProblemDocument::register(registry);
    }
}
