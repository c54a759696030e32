//! The one error that leaves the program: a problem document (RFC 9457).
//!
//! Modules have their own error enums and one mapping from each to [`Problem`]. Whatever else goes
//! wrong on the way (a router's 404, a body too large, a panic) is turned into one of these at the
//! outermost layer, so a client only ever learns one shape.

pub mod codes;
mod kind;

use std::{fmt, time::Duration};

use poem::{IntoResponse, Response, error::ResponseError, http::StatusCode};
use poem_openapi::{Object, types::Example};
use serde::{Deserialize, Serialize};

pub use kind::{Code, Kind, Kinds, Refusal};

/// The media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, Object, Serialize, Deserialize)]
#[oai(example)]
pub struct FieldError {
    /// JSON pointer to the field in the body (`/content`), `?name` for a parameter in the address, `header:Name`
    /// for a header.
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
    /// After which trying again makes sense.
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// A problem of this kind; the detail says what the caller can do.
    pub fn of<K: Kind>(detail: impl Into<String>) -> Self {
        Self { code: const { &K::CODE }, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    pub fn is<K: Kind>(&self) -> bool {
        self.code.name == K::CODE.name
    }

    /// Nothing of this name that the caller may see.
    pub fn not_found(what: &str) -> Self {
        Self::of::<codes::NotFound>(format!("There is no such {what}, or you may not see it."))
    }

    /// Input that can't be accepted, field by field.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.pointer.is_empty() => format!("The whole {}.", only.detail),
            [only] => format!("{} {}.", only.pointer, only.detail),
            many => format!("{} fields can't be accepted; see errors.", many.len()),
        };
        Self { errors, ..Self::of::<codes::Invalid>(detail) }
    }

    /// One field that can't be accepted.
    pub fn invalid_field(pointer: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError { pointer: pointer.into(), code: code.into(), detail: detail.into() }])
    }

    /// A fault of ours. The cause is logged here, once, and never told to the caller.
    pub fn internal(cause: impl fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::of::<codes::Internal>("It has been logged with the request's id; trying again may help.")
    }

    /// Says after how many seconds trying again makes sense.
    pub fn retry_after(self, seconds: u32) -> Self {
        self.retry_in(Duration::from_secs(seconds.into()))
    }

    /// Says when trying again makes sense.
    pub fn retry_in(mut self, time: Duration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// The problem as it travels. `instance` is the path or event it happened on.
    pub fn document(&self, instance: &str, request_id: &str) -> ProblemDocument {
        ProblemDocument {
            kind: self.code.address(),
            title: self.code.title.to_owned(),
            status: self.code.status,
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            code: self.code.name.to_owned(),
            request_id: request_id.to_owned(),
            retry_after_ms: self.retry_after.map(|time| u32::try_from(time.as_millis()).unwrap_or(u32::MAX)),
            errors: self.errors.clone(),
        }
    }
}

/// A problem document: what every error answer and every refused socket event carries.
#[derive(Debug, Clone, Object, Serialize, Deserialize)]
#[oai(rename = "Problem", rename_all = "camelCase", example)]
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
    /// Milliseconds after which trying again makes sense, where that is known; `Retry-After` in milliseconds.
    #[oai(skip_serializing_if_is_none)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// The fields at fault; only for invalid input and headers.
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

impl Example for FieldError {
    fn example() -> Self {
        Self {
            pointer: "/content".into(),
            code: "too_long".into(),
            detail: "must have at most 5000 characters".into(),
        }
    }
}

impl Example for ProblemDocument {
    fn example() -> Self {
        Problem::not_found("post").document(
            "/api/v1/posts/01980a1e-7c00-7000-8000-000000000003",
            "01980a1e-7c00-7000-8000-0000000000ab",
        )
    }
}
