//! A request body that has passed its schema.

use std::sync::Arc;

use poem::{Request, RequestBody, Result, error::ReadBodyError, http::header::CONTENT_TYPE};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};
use validator::Validate;

use super::Schemas;
use crate::problem::{Problem, codes};

/// Reads the body, checks it against its schema and hands over what it holds.
///
/// Errors: 400 not JSON, 408 too slow, 413 too large, 415 another content type, 422 doesn't fit.
pub struct Valid<T>(pub T);

/// The largest body, in bytes; set on every request by the server.
#[derive(Debug, Clone, Copy)]
pub struct MaxBody(pub usize);

impl<'a, T: ParseFromJSON + Validate> ApiExtractor<'a> for Valid<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    const PARAM_IS_REQUIRED: bool = true;
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> Result<Self> {
        if !is_json(request.header(CONTENT_TYPE).unwrap_or_default()) {
            return Err(Problem::of::<codes::MediaType>("Send the body as application/json.").into());
        }
        let schemas = request.data::<Arc<Schemas>>().expect("routes.rs gives every request the schemas");
        let MaxBody(limit) = *request.data::<MaxBody>().expect("routes.rs gives every request the limit");
        let bytes = body.take()?.into_bytes_limit(limit).await.map_err(|error| unreadable(error, limit))?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            Problem::of::<codes::BodyMalformed>(format!("The body can't be read as JSON: {error}."))
        })?;
        Ok(Self(schemas.parse(value)?))
    }
}

fn is_json(content_type: &str) -> bool {
    content_type.parse::<mime::Mime>().is_ok_and(|mime| mime.essence_str() == "application/json")
}

fn unreadable(error: ReadBodyError, limit: usize) -> Problem {
    match error {
        ReadBodyError::PayloadTooLarge => {
            Problem::of::<codes::BodyTooLarge>(format!("A body may have at most {limit} bytes."))
        }
        ReadBodyError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            Problem::of::<codes::RequestTimeout>("Send the whole body without long pauses.")
        }
        _ => Problem::of::<codes::RequestMalformed>("The body broke off before its end."),
    }
}
