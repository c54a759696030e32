//! What surrounds every answer: the request's id, problems in one shape, headers, a log line, metrics.

use std::{
    collections::HashSet,
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use poem::{
    Endpoint, Error, IntoResponse, Request, Response,
    error::{MethodNotAllowedError, NotFoundError},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use poem_openapi::{
    OperationId,
    error::{ParseParamError, ParsePathError},
};
use std::sync::Arc;
use tracing::Instrument;

use super::{methods::Methods, reading::Reading};
use crate::{
    guards::RequestId,
    infra::metrics::Metrics,
    problem::{PROBLEM_JSON, Problem, codes},
};

/// The outermost endpoint; never fails.
pub struct Answering<E> {
    pub inner: E,
    pub metrics: Arc<Metrics>,
    pub methods: Methods,
    /// Put before a `Location` that starts with a slash.
    pub api_prefix: String,
    pub deadline: Duration,
    /// Whether to ask browsers to insist on TLS.
    pub hsts: bool,
}

impl<E: Endpoint> Endpoint for Answering<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response, Error> {
        let started = Instant::now();
        let id = RequestId::of(request.headers());
        request.set_data(id.clone());
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let reading = Reading::begin(&mut request);
        let span = tracing::info_span!("request", request_id = %id, %method, path);
        let response = async {
            let mut response = self.attempt(request).await;
            if let Some(problem) = response.extensions_mut().remove::<Problem>() {
                write_problem(&mut response, &problem, &path, &id);
            }
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                response.headers_mut().insert(header::ALLOW, self.methods.allowed(&path));
            }
            self.dress(response.headers_mut(), &id);
            reading.finish(&mut response);
            let (status, took) = (response.status().as_u16(), started.elapsed());
            tracing::info!(status, micros = took.as_micros() as u64, "answered");
            response
        }
        .instrument(span)
        .await;
        let operation = response.data::<OperationId>().map_or("none", |id| id.0);
        self.metrics.request(method_name(&method), operation, response.status().as_u16(), started.elapsed());
        Ok(response)
    }
}

impl<E: Endpoint> Answering<E> {
    /// An answer for whatever happens: an error, a panic, or nothing in time.
    async fn attempt(&self, request: Request) -> Response {
        if request.uri().path_and_query().is_some_and(|text| text.as_str().contains("%00")) {
            // PostgreSQL can't even compare with it.
            let detail = "An address can't hold the character U+0000.";
            return Problem::of::<codes::RequestMalformed>(detail).into_response();
        }
        let work = AssertUnwindSafe(self.inner.get_response(request)).catch_unwind();
        let problem = match tokio::time::timeout(self.deadline, work).await {
            Ok(Ok(response)) => return response,
            Ok(Err(panic)) => {
                let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
                Problem::internal(format!("a handler panicked: {}", text.unwrap_or_default()))
            }
            Err(_) => Problem::of::<codes::Unavailable>("It took too long and was given up.").retry_after(1),
        };
        problem.into_response()
    }

    fn dress(&self, headers: &mut HeaderMap, id: &RequestId) {
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            headers.insert("x-request-id", value);
        }
        let defaults: [(HeaderName, &'static str); 6] = [
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
            (header::CACHE_CONTROL, "no-store"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-site"),
        ];
        for (name, value) in defaults {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if self.hsts {
            let year = HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
        }
        if let Some(location) = headers.get(header::LOCATION).and_then(|value| value.to_str().ok())
            && location.starts_with('/')
            && !location.starts_with("/api-docs")
            && let Ok(value) = HeaderValue::from_str(&format!("{}{location}", self.api_prefix))
        {
            headers.insert(header::LOCATION, value);
        }
    }
}

/// Turns what the router and the extractors raise into problems; ours pass as they are. `headers` are the
/// parameters that are sent as headers.
pub fn as_problem(error: Error, headers: &HashSet<HeaderName>) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let problem = match error.downcast::<Problem>() {
        Ok(problem) => problem,
        Err(error) => foreign(&error, headers),
    };
    problem.into_response()
}

fn foreign(error: &Error, headers: &HashSet<HeaderName>) -> Problem {
    const SEE: &str = "The API is described at /api-docs.";
    const NOT_A_VALUE: &str = "isn't a value that this parameter takes; /api-docs says which are";
    if error.is::<NotFoundError>() {
        Problem::of::<codes::NotFound>(SEE)
    } else if error.is::<MethodNotAllowedError>() {
        Problem::of::<codes::MethodNotAllowed>(SEE)
    } else if let Some(error) = error.downcast_ref::<ParseParamError>() {
        let is_header = headers.iter().any(|header| header.as_str().eq_ignore_ascii_case(error.name));
        let place = if is_header { "header:" } else { "?" };
        Problem::invalid_field(&format!("{place}{}", error.name), "invalid", NOT_A_VALUE)
    } else if error.is::<ParsePathError>() {
        // The library has forgotten the parameter's name; and nothing is at such a path.
        Problem::of::<codes::NotFound>("A part of the path names nothing that can exist.")
    } else if error.status().is_client_error() {
        Problem::of::<codes::RequestMalformed>(SEE)
    } else {
        Problem::internal(error)
    }
}

fn write_problem(response: &mut Response, problem: &Problem, path: &str, id: &RequestId) {
    let document = problem.document(path, id.as_str());
    match serde_json::to_vec(&document) {
        Ok(bytes) => response.set_body(bytes),
        Err(error) => tracing::error!(%error, "a problem couldn't be written"),
    }
    let headers = response.headers_mut();
    // Said of the body before; this one isn't compressed.
    headers.remove(header::CONTENT_ENCODING);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(time) = problem.retry_after {
        let seconds = time.as_millis().div_ceil(1000) as u64;
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if matches!(problem.code.status, 408 | 413) {
        // The rest of the body won't be read, so nothing else can be asked on this connection.
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if problem.code.status == 401 {
        // RFC 9110, section 15.5.2: a 401 says how to authenticate.
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
}

fn method_name(method: &Method) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
        .into_iter()
        .find(|name| *name == method.as_str())
        .unwrap_or("OTHER")
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::endpoint::make;

    fn answering<E: Endpoint>(inner: E) -> Answering<E> {
        let (metrics, api_prefix) = (Arc::default(), "/api/v1".to_owned());
        let methods = Methods::of(&serde_json::Value::Null);
        Answering { inner, metrics, methods, api_prefix, deadline: Duration::from_millis(50), hsts: false }
    }

    async fn told(endpoint: &impl Endpoint<Output = Response>, path: &str) -> (u16, serde_json::Value) {
        let request = Request::builder().uri_str(path).finish();
        let response = endpoint.get_response(request).await;
        assert_eq!(response.content_type(), Some(PROBLEM_JSON));
        let status = response.status().as_u16();
        let body = response.into_body().into_bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_panic_is_answered_as_a_problem_and_the_next_request_as_ever() {
        let endpoint = answering(make(async |request: Request| {
            assert!(request.uri().path() != "/panics", "a secret from the inside");
            Ok::<_, Error>(Problem::not_found("thing").into_response())
        }));
        let (status, problem) = told(&endpoint, "/panics").await;
        assert_eq!((status, problem["code"].as_str()), (500, Some("E_INTERNAL")));
        assert_eq!(problem["instance"], "/panics");
        assert!(!problem.to_string().contains("secret"), "{problem}");
        assert_eq!(told(&endpoint, "/other").await.0, 404);
    }

    #[tokio::test]
    async fn what_takes_too_long_is_given_up() {
        let endpoint =
            answering(make(async |_: Request| std::future::pending::<Result<Response, Error>>().await));
        let (status, problem) = told(&endpoint, "/slow").await;
        assert_eq!((status, problem["code"].as_str()), (503, Some("E_UNAVAILABLE")));
    }
}
