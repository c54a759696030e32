//! Which pages may call: exact origins, for REST by CORS and for sockets by refusal.

use std::{sync::Arc, time::Duration};

use hyper::{
    HeaderMap, Method, Uri,
    header::{self, HeaderName, HeaderValue},
};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The configured origins; cheap to clone.
#[derive(Clone)]
pub struct Origins(Arc<[HeaderValue]>);

impl Origins {
    pub fn new(origins: &[String]) -> Self {
        Self(origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect())
    }

    /// Answers preflights, and lets pages of these origins read answers.
    pub fn cors(&self) -> CorsLayer {
        let header = HeaderName::from_static;
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(self.0.iter().cloned()))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
            .allow_headers([
                header::AUTHORIZATION,
                header::CONTENT_TYPE,
                header::IF_MATCH,
                header::IF_NONE_MATCH,
                header("idempotency-key"),
                header("x-request-id"),
                header("traceparent"),
            ])
            .expose_headers([header::ETAG, header::LOCATION, header::RETRY_AFTER, header("x-request-id")])
            .max_age(Duration::from_secs(600))
    }

    /// Browsers apply no CORS to WebSockets, so a foreign page is refused here. A client that isn't a
    /// browser sends no origin and passes: it has no user's cookies to misuse, and needs a token.
    pub fn admit_socket(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        match headers.get(header::ORIGIN) {
            None => true,
            Some(origin) => self.0.contains(origin) || is_same(origin, headers.get(header::HOST), uri),
        }
    }
}

/// Whether the page was served by this very host and port. HTTP/2 has them in the address.
fn is_same(origin: &HeaderValue, host: Option<&HeaderValue>, uri: &Uri) -> bool {
    let origin: Option<Uri> = origin.to_str().ok().and_then(|text| text.parse().ok());
    let authority = origin.as_ref().and_then(Uri::authority).map(|authority| authority.as_str());
    let host = host.map_or(uri.authority().map(|authority| authority.as_str()), |host| host.to_str().ok());
    authority.is_some() && authority == host
}
