//! Connections that a test holds itself: over TLS or not, HTTP/1.1 or HTTP/2.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    Request, Response, Version,
    body::{Frame, Incoming},
    client::conn::{http1, http2},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer};
use serde_json::Value;
use tokio::{net::TcpStream, sync::mpsc, task::JoinHandle};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::within;

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What a client sends in pieces; dropping it ends the body.
pub type Pieces = mpsc::UnboundedSender<String>;

/// What a server may send of an answer before some of it is taken.
const WINDOW: u32 = 16 * 1024;

/// One connection.
pub struct Held {
    speaks: Speaks,
    base: String,
    /// The certificate that the server showed.
    pub certificate: Option<CertificateDer<'static>>,
    ended: JoinHandle<bool>,
}

#[derive(Clone)]
enum Speaks {
    Http1(Arc<tokio::sync::Mutex<http1::SendRequest<Body>>>),
    Http2(http2::SendRequest<Body>),
}

/// What came back.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub version: Version,
    pub headers: hyper::HeaderMap,
    pub text: String,
}

impl Held {
    /// Over TLS: trusts this certificate, and offers these protocols.
    pub async fn secure(address: SocketAddr, trusted: &[&CertificateDer<'static>], offered: &[&str]) -> Self {
        let stream = tls(address, trusted, offered).await.expect("the handshake succeeds");
        let (_, tls) = stream.get_ref();
        let certificate = tls.peer_certificates().expect("a server shows one")[0].clone().into_owned();
        let http2 = tls.alpn_protocol() == Some(b"h2");
        Self {
            certificate: Some(certificate),
            ..Self::over(stream, format!("https://{address}"), http2).await
        }
    }

    /// HTTP/1.1 without TLS.
    pub async fn plain(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        Self::over(stream, format!("http://{address}"), false).await
    }

    /// HTTP/2 without TLS, by prior knowledge.
    pub async fn plain_http2(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        Self::over(stream, format!("http://{address}"), true).await
    }

    async fn over<S>(stream: S, base: String, http2: bool) -> Self
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
    {
        let io = TokioIo::new(stream);
        let (speaks, ended) = match http2 {
            true => {
                let mut builder = http2::Builder::new(TokioExecutor::new());
                let begun = builder.initial_stream_window_size(WINDOW).handshake(io).await;
                let (sender, connection) = begun.expect("HTTP/2 begins");
                (Speaks::Http2(sender), tokio::spawn(async move { connection.await.is_ok() }))
            }
            false => {
                let (sender, connection) = http1::handshake(io).await.expect("HTTP/1.1 begins");
                let sender = Arc::new(tokio::sync::Mutex::new(sender));
                (Speaks::Http1(sender), tokio::spawn(async move { connection.await.is_ok() }))
            }
        };
        Self { speaks, base, certificate: None, ended }
    }

    pub async fn get(&self, path: &str) -> Told {
        self.ask("GET", path, &[], None).await
    }

    /// Sends a request, and waits for its whole answer.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Told {
        let (pieces, begun) = self.begin(method, path, headers);
        if let Some(body) = body {
            pieces.send(body.to_string()).expect("the request is open");
        }
        drop(pieces);
        within("an answer", begun).await.expect("the request isn't cancelled").expect("it is answered")
    }

    /// Begins a request whose body comes in pieces.
    pub fn begin(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> (Pieces, JoinHandle<hyper::Result<Told>>) {
        let (pieces, come) = mpsc::unbounded_channel::<String>();
        let body = stream::unfold(come, async |mut come| {
            Some((Ok(Frame::data(Bytes::from(come.recv().await?))), come))
        });
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(StreamBody::new(body).boxed_unsync()).expect("it is a request");
        let speaks = self.speaks.clone();
        let begun = tokio::spawn(async move {
            let answer = match speaks {
                Speaks::Http2(mut sender) => sender.send_request(request).await?,
                Speaks::Http1(sender) => {
                    let host = request.uri().authority().expect("it has one").to_string();
                    request.headers_mut().insert("host", host.parse().expect("it is plain"));
                    let path = request.uri().path_and_query().expect("it has one").to_string();
                    *request.uri_mut() = path.parse().expect("it is a path");
                    sender.lock().await.send_request(request).await?
                }
            };
            Told::of(answer).await
        });
        (pieces, begun)
    }

    /// Waits until the server has ended it; whether it did so politely.
    pub async fn ended(self) -> bool {
        let Self { ended, speaks: _still_open, .. } = self;
        within("the server to end the connection", ended).await.expect("the connection doesn't panic")
    }
}

impl Told {
    async fn of(answer: Response<Incoming>) -> hyper::Result<Self> {
        let (head, body) = answer.into_parts();
        let text = String::from_utf8_lossy(&body.collect().await?.to_bytes()).into_owned();
        Ok(Self { status: head.status.as_u16(), version: head.version, headers: head.headers, text })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// A finished handshake, and nothing said after it.
pub async fn tls(
    address: SocketAddr,
    trusted: &[&CertificateDer<'static>],
    offered: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in trusted {
        roots.add((*certificate).clone()).expect("it is a certificate");
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = offered.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    let name = "localhost".try_into().expect("it is a name");
    within("a handshake", TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}
