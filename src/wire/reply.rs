//! Answers: 200, 201 with `Location`, 204.

use poem::{
    IntoResponse, Response,
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
    },
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchemaRef, Registry},
    types::Type,
};
use serde::Serialize;

use super::version::etag;
use crate::problem::Problem;

const JSON: &str = "application/json";

/// 200 with a body.
pub struct Reply<T>(pub T);

/// 200 with a body and an `ETag` that holds the version.
pub struct Versioned<T> {
    pub body: T,
    pub version: i32,
}

/// 201 with a body and the path it now lives at.
pub struct Created<T> {
    pub body: T,
    pub location: String,
}

/// 201 when it was stored just now, 200 when the same had been stored before.
pub struct Stored<T> {
    pub body: T,
    pub location: String,
    pub repeated: bool,
}

/// 204: done, and nothing to say.
pub struct NoContent;

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => written(status, bytes),
        Err(error) => Problem::internal(error).into_response(),
    }
}

fn written(status: StatusCode, bytes: Vec<u8>) -> Response {
    Response::builder().status(status).header(CONTENT_TYPE, JSON).body(bytes)
}

fn with(mut response: Response, name: HeaderName, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

impl<T: Serialize + Send> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize + Send> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.body) {
            Ok(bytes) => {
                let tag = etag(self.version, &bytes);
                with(written(StatusCode::OK, bytes), ETAG, &tag)
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

impl<T: Serialize + Send> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        with(json(StatusCode::CREATED, &self.body), LOCATION, &self.location)
    }
}

impl<T: Serialize + Send> IntoResponse for Stored<T> {
    fn into_response(self) -> Response {
        let status = if self.repeated { StatusCode::OK } else { StatusCode::CREATED };
        with(json(status, &self.body), LOCATION, &self.location)
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into()
    }
}

/// One that is always there.
fn header(name: &str, description: &str) -> MetaHeader {
    MetaHeader {
        name: name.into(),
        description: Some(description.into()),
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}

fn answer(
    status: u16,
    description: &'static str,
    schema: Option<MetaSchemaRef>,
    headers: Vec<MetaHeader>,
) -> MetaResponse {
    let content = schema.into_iter().map(|schema| MetaMediaType { content_type: JSON, schema }).collect();
    MetaResponse { description, status: Some(status), status_range: None, content, headers }
}

fn location() -> Vec<MetaHeader> {
    vec![header("Location", "The path of what was created.")]
}

impl<T: Type + Serialize + Send> ApiResponse for Reply<T> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![answer(200, "As asked.", Some(T::schema_ref()), vec![])] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + Serialize + Send> ApiResponse for Versioned<T> {
    fn meta() -> MetaResponses {
        let tag = vec![header(
            "ETag",
            "Names the version and what was answered; `If-Match` and `If-None-Match` take it.",
        )];
        MetaResponses { responses: vec![answer(200, "As asked.", Some(T::schema_ref()), tag)] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + Serialize + Send> ApiResponse for Created<T> {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![answer(201, "Created.", Some(T::schema_ref()), location())] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + Serialize + Send> ApiResponse for Stored<T> {
    fn meta() -> MetaResponses {
        let stored = answer(201, "Stored.", Some(T::schema_ref()), location());
        let repeated =
            answer(200, "The same was stored before; nothing changed.", Some(T::schema_ref()), location());
        MetaResponses { responses: vec![stored, repeated] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl ApiResponse for NoContent {
    fn meta() -> MetaResponses {
        MetaResponses { responses: vec![answer(204, "Done.", None, vec![])] }
    }

    fn register(_: &mut Registry) {}
}
