//! What is sent of an answer to somebody who reads: no body to HEAD, nothing that they hold already.

use http_body::Body;
use poem::{
    Request, Response,
    http::{HeaderValue, Method, StatusCode, header},
};

use crate::wire::is_held;

/// What a request said about its answer's body.
pub struct Reading {
    head: bool,
    /// The lines of `If-None-Match`, of a request to read.
    held: Vec<HeaderValue>,
}

impl Reading {
    /// From here on HEAD is GET, so that its answer has the very headers.
    pub fn begin(request: &mut Request) -> Self {
        let head = request.method() == Method::HEAD;
        if head {
            request.set_method(Method::GET);
        }
        let held = match request.method() == Method::GET {
            true => request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect(),
            false => Vec::new(),
        };
        Self { head, held }
    }

    /// Takes the body away where it isn't wanted.
    pub fn finish(self, response: &mut Response) {
        let tag = response.headers().get(header::ETAG);
        if !self.held.is_empty()
            && response.status() == StatusCode::OK
            && tag.is_some_and(|tag| is_held(&self.held, tag))
        {
            response.set_status(StatusCode::NOT_MODIFIED);
            // They say something of a body.
            for name in [header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LENGTH] {
                response.headers_mut().remove(name);
            }
            response.set_body(());
        } else if self.head {
            let body: http_body_util::combinators::BoxBody<_, _> = response.take_body().into();
            if let Some(length) = body.size_hint().exact() {
                response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            }
        }
    }
}
