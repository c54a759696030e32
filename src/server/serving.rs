//! One connection from its first byte to its last: TLS where it is set, then HTTP/1.1 or HTTP/2.

use std::{pin::pin, sync::Arc, time::Duration};

use hyper::{Request, body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use poem::Endpoint;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    connection::Cuttable,
    counted::Counted,
    front::{Front, SocketService},
    http2,
    tls::Tls,
};
use crate::realtime::Connection;

/// The whole head of a request, in bytes.
pub const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;

/// From a connection's acceptance to the end of its handshake; less when heads have less time.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);

/// How connections are served.
pub struct Serving<E, S> {
    pub front: Arc<Front<E, S>>,
    pub tls: Option<Tls>,
    /// For a request's head to arrive, idle time before it included; on HTTP/2 also for an answer to be taken.
    pub header_timeout: Duration,
    /// Cancelled: answer what has been asked, then close.
    pub finish: CancellationToken,
}

impl<E: Endpoint<Output = poem::Response> + 'static, S: SocketService> Serving<E, S> {
    /// Serves until the connection ends. Whoever says nothing is hung up on, whatever it should have said.
    pub async fn serve(&self, mut stream: Cuttable, connection: Connection) {
        let peer = connection.peer;
        let Some(tls) = &self.tls else {
            // Peeked at, and no more: a builder that reads the first bytes to tell the two apart waits for
            // them without a deadline.
            let begins = timeout(self.header_timeout, stream.begins_http2());
            match self.finish.run_until_cancelled(begins).await {
                Some(Ok(Ok(true))) => http2::serve(self, stream, connection).await,
                Some(Ok(Ok(false))) => self.http1(stream, connection).await,
                said_nothing => tracing::debug!(?said_nothing, %peer, "a connection ended before a request"),
            }
            return;
        };
        let handshake = timeout(self.header_timeout.min(HANDSHAKE_WITHIN), tls.accept(stream));
        match self.finish.run_until_cancelled(handshake).await {
            Some(Ok(Ok(stream))) => match stream.get_ref().1.alpn_protocol() {
                Some(b"h2") => http2::serve(self, stream, connection).await,
                _ => self.http1(stream, connection).await,
            },
            Some(Ok(Err(error))) => tracing::debug!(%error, %peer, "a handshake failed"),
            Some(Err(_)) => tracing::debug!(%peer, "a handshake took too long"),
            None => {}
        }
    }

    async fn http1(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        connection: Connection,
    ) {
        let peer = connection.peer;
        let stream = Counted::new(stream, connection.clone());
        let service = self.front.clone().service(move |_: &Request<Incoming>| connection.clone());
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .with_upgrades();
        let mut serving = pin!(serving);
        let ended = match self.finish.run_until_cancelled(serving.as_mut()).await {
            Some(ended) => ended,
            None => {
                serving.as_mut().graceful_shutdown();
                serving.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, %peer, "a connection ended early");
        }
    }
}
