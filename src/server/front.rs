//! One request: to Socket.IO or to poem, through CORS.

use std::{
    convert::Infallible,
    error::Error,
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::{Body, Incoming},
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use poem::{
    Addr, Endpoint, RequestParts,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use socketioxide::socket::Sid;
use tower::{Layer, Service};

use super::{
    body::{Pieces, Timely},
    origin::Origins,
};
use crate::{
    config::TrustedProxies,
    guards::RequestId,
    infra::lifecycle::Lifecycle,
    problem::{PROBLEM_JSON, Problem, codes},
    realtime::{Connection, Connector, Parser, Way},
};

type Answer = Response<BoxBody<Bytes, io::Error>>;

const SOCKET_PATH: &str = "/socket.io";

/// What serves the sockets' path: Socket.IO, as a rule.
pub trait SocketService: Send + Sync + 'static {
    type Body: Body<Data = Bytes, Error: Error + Send + Sync> + Send + Sync + Unpin + 'static;

    fn answer(&self, request: Request<Timely>) -> impl Future<Output = Response<Self::Body>> + Send;
}

impl<S, B> SocketService for S
where
    S: hyper::service::Service<Request<Timely>, Response = Response<B>, Error = Infallible, Future: Send>,
    S: Send + Sync + 'static,
    B: Body<Data = Bytes, Error: Error + Send + Sync> + Send + Sync + Unpin + 'static,
{
    type Body = B;

    async fn answer(&self, request: Request<Timely>) -> Response<B> {
        match self.call(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}

/// Both services, and what stands before them.
pub struct Front<E, S> {
    pub poem: E,
    pub io: S,
    pub origins: Origins,
    pub connector: Connector,
    pub lifecycle: Arc<Lifecycle>,
    pub proxies: TrustedProxies,
    pub body_timeout: Duration,
    pub scheme: Scheme,
}

impl<E: Endpoint<Output = poem::Response> + 'static, S: SocketService> Front<E, S> {
    /// The service of one connection; `connection_of` says what to cut for cutting a request.
    pub fn service(
        self: Arc<Self>,
        connection_of: impl Fn(&Request<Incoming>) -> Connection + Clone + Send,
    ) -> impl Service<Request<Incoming>, Response = Answer, Error = Infallible, Future: Send> + Clone + Send
    {
        let cors = self.origins.cors();
        cors.layer(tower::service_fn(move |request: Request<Incoming>| {
            let (front, connection) = (self.clone(), connection_of(&request));
            async move {
                let path = request.uri().path();
                match path == SOCKET_PATH || path.starts_with("/socket.io/") {
                    true => Ok(front.socket(request, connection).await),
                    false => Ok(front.rest(request, connection).await),
                }
            }
        }))
    }

    async fn rest(&self, request: Request<Incoming>, connection: Connection) -> Answer {
        // A proxy's connection that carried a socket's polling before: cutting that must not cut this.
        self.connector.transports.unbind(&connection);
        let (parts, body) = request.into_parts();
        let client = SocketAddr::new(self.client(&parts.headers, &connection), connection.peer.port());
        let peer = RemoteAddr(Addr::SocketAddr(client));
        let parts = RequestParts::from((parts, LocalAddr::default(), peer, self.scheme.clone()));
        let body = poem::Body::from(BoxBody::new(Timely::new(body, self.body_timeout)));
        self.poem.get_response(poem::Request::from_parts(parts, body)).await.into()
    }

    async fn socket(&self, request: Request<Incoming>, connection: Connection) -> Answer {
        let (head, id) = (request.method() == Method::HEAD, RequestId::of(request.headers()));
        let path = request.uri().path().to_owned();
        let answer = match client_script(&request) {
            Some(script) => script,
            None => self.engine(request, connection).await,
        };
        let answer = answer.unwrap_or_else(|problem| refusal(&problem, &path, &id));
        if head { without_body(answer) } else { answer }
    }

    /// Where the request comes from, as far as somebody trusted has seen.
    fn client(&self, headers: &HeaderMap, connection: &Connection) -> IpAddr {
        let forwarded = headers.get_all("x-forwarded-for").into_iter();
        self.proxies.client(connection.peer.ip(), forwarded.filter_map(|line| line.to_str().ok()))
    }

    /// Socket.IO's answer, or the problem in place of one.
    async fn engine(
        &self,
        mut request: Request<Incoming>,
        connection: Connection,
    ) -> Result<Answer, Problem> {
        if !self.origins.admit_socket(request.headers(), request.uri()) {
            return Err(Problem::of::<codes::OriginRefused>("Add the page's origin to CORS_ORIGINS."));
        }
        if Parser::of(request.uri()).is_none() {
            return Err(Problem::of::<codes::RequestMalformed>("The parsers are json and msgpack."));
        }
        let (sid, way) = (session_of(request.uri()), Way::of(request.uri()));
        if let Some(sid) = sid
            && !self.connector.transports.bind(sid, &connection, way)
        {
            return Ok(session_unknown());
        }
        if sid.is_none() && self.lifecycle.is_draining() {
            return Err(Problem::of::<codes::Unavailable>("This server is stopping: connect to another.")
                .retry_after(1));
        }
        if sid.is_none() {
            let address = self.client(request.headers(), &connection);
            let Some(place) = self.connector.addresses.enter(address) else {
                self.connector.metrics.limit("socketsOfAddress");
                return Err(Problem::of::<codes::TooManySockets>("Close some of them.").retry_after(5));
            };
            request.extensions_mut().insert(place);
        }
        // None while the session hasn't authenticated: then it looks for its connection when it does.
        let outbox = || self.connector.sockets.get(sid?).map(|client| client.outbox());
        if way == Way::WebSocket
            && let Some(outbox) = outbox()
        {
            connection.carries(&outbox);
        }
        let polls = way == Way::Polling && request.method() == Method::GET;
        request.extensions_mut().insert(connection);
        let request = in_its_own_memory(request).map(|body| Timely::new(body, self.body_timeout));
        let answer = self.io.answer(request).await;
        let outbox = outbox().filter(|_| polls && answer.status() == StatusCode::OK);
        let answer = answer.map(|body| BoxBody::new(Pieces::new(body.map_err(io::Error::other), outbox)));
        match wordless(&answer) {
            Some(problem) => Err(problem),
            None => Ok(answer),
        }
    }
}

/// What to say for Engine.IO when it refuses without a word. Where it has words, official clients know them.
fn wordless(answer: &Answer) -> Option<Problem> {
    if answer.body().size_hint().exact() != Some(0) {
        return None;
    }
    match answer.status().as_u16() {
        413 => Some(Problem::of::<codes::BodyTooLarge>("Send less at a time.")),
        400..500 => {
            Some(Problem::of::<codes::RequestMalformed>("It isn't what Engine.IO's protocol expects here."))
        }
        500.. => Some(Problem::internal("Engine.IO failed")),
        _ => None,
    }
}

/// All that Engine.IO reads of a request's head.
const READ: [HeaderName; 2] = [header::SEC_WEBSOCKET_KEY, header::CONTENT_TYPE];

/// The same request with that much of it, copied. A socket keeps its first request for as long as it lives, and
/// what hyper has parsed are slices of the connection's read buffer: 8 KiB that would be kept with it.
fn in_its_own_memory<B>(mut request: Request<B>) -> Request<B> {
    if let Ok(uri) = request.uri().to_string().parse() {
        *request.uri_mut() = uri;
    }
    let mut headers = HeaderMap::with_capacity(1);
    for name in READ {
        let copy = request.headers().get(&name).and_then(|it| HeaderValue::from_bytes(it.as_bytes()).ok());
        if let Some(copy) = copy {
            headers.insert(name, copy);
        }
    }
    *request.headers_mut() = headers;
    request
}

/// The official client, as Node's server serves it, so that a page needs nothing from elsewhere.
fn client_script(request: &Request<Incoming>) -> Option<Result<Answer, Problem>> {
    let script = match request.uri().path() {
        "/socket.io/socket.io.min.js" => include_str!("client/socket.io.min.js"),
        "/socket.io/socket.io.esm.min.js" => include_str!("client/socket.io.esm.min.js"),
        _ => return None,
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(Err(Problem::of::<codes::MethodNotAllowed>("It is there to be read.")));
    }
    let mut answer = respond(200, "text/javascript; charset=utf-8", script);
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Some(Ok(answer))
}

/// The Engine.IO session that a request names.
fn session_of(uri: &Uri) -> Option<Sid> {
    let pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.into_iter().find(|(name, _)| name == "sid").and_then(|(_, value)| value.parse().ok())
}

fn refusal(problem: &Problem, path: &str, id: &RequestId) -> Answer {
    let document = problem.document(path, id.as_str());
    let body = serde_json::to_string(&document).unwrap_or_default();
    let mut answer = respond(problem.code.status, PROBLEM_JSON, body);
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        answer.headers_mut().insert("x-request-id", id);
    }
    if let Some(time) = problem.retry_after {
        let seconds = time.as_millis().div_ceil(1000) as u64;
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if problem.is::<codes::MethodNotAllowed>() {
        answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    answer
}

/// For HEAD.
fn without_body(answer: Answer) -> Answer {
    let (mut head, body) = answer.into_parts();
    if let Some(length) = body.size_hint().exact() {
        head.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(head, Full::default().map_err(|never| match never {}).boxed())
}

/// Engine.IO's own words for it: official clients connect anew.
pub fn session_unknown() -> Answer {
    respond(400, "application/json", r#"{"code":1,"message":"Session ID unknown"}"#)
}

fn respond(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
    Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, content_type)
        .body(Full::new(body.into()).map_err(|never| match never {}).boxed())
        .expect("constant headers are valid")
}
