//! The accept loop: `/socket.io` to Socket.IO, the rest to poem; limits, cutting and drain in one place.

mod answer;
mod body;
mod connection;
mod docs;
mod front;
mod methods;
mod origin;
mod reading;
mod routes;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use poem::Endpoint;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use self::{connection::Cuttable, front::Front, origin::Origins};
use crate::{
    app::{App, Leftovers},
    infra::metrics::Metrics,
    realtime::{Connection, Transports, io_service},
};

pub use routes::{asyncapi_text, document, document_text};

/// The whole head of a request, in bytes.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 64;
/// For what has been told to end.
const LAST_MOMENT: Duration = Duration::from_secs(5);

/// A bound server that hasn't started yet.
pub struct Server {
    app: App,
    listener: TcpListener,
}

impl Server {
    pub async fn bind(app: App) -> io::Result<Self> {
        let listener = TcpListener::bind((app.config.server.host, app.config.server.port)).await?;
        Ok(Self { app, listener })
    }

    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the token is cancelled, then drains and returns. Says what it couldn't end.
    pub async fn run(self, stop: CancellationToken) -> Result<Leftovers, sea_orm::DbErr> {
        let Self { app, listener } = self;
        let background = app.start();
        let (io_service, io) = io_service(app.connector.clone(), app.config.server.socket_auth_timeout);
        let front = Front {
            poem: Arc::new(routes::endpoint(&app)),
            io: io_service,
            origins: Origins::new(&app.config.cors.origins),
            connector: app.connector.clone(),
            body_timeout: app.config.server.body_timeout,
        };
        let loop_ = AcceptLoop {
            front,
            places: Arc::new(Semaphore::new(app.config.server.max_connections)),
            header_timeout: app.config.server.header_timeout,
            metrics: app.metrics.clone(),
            connections: TaskTracker::new(),
            serving: TaskTracker::new(),
            finish: CancellationToken::new(),
            cut_all: CancellationToken::new(),
        };
        tokio::select! {
            () = loop_.accept(&listener) => {}
            () = stop.cancelled() => {}
        }

        tracing::info!("draining: no longer ready");
        app.lifecycle.begin_drain();
        let notice = tokio::time::sleep(app.config.server.drain_notice);
        tokio::select! {
            () = loop_.accept(&listener) => {}
            () = notice => {}
        }
        drop(listener);
        let until = Instant::now() + app.config.server.drain_timeout;
        app.sockets.drain(until).await;
        // Sends what still waits and then closes: official clients reconnect, to another node.
        if !app.connector.close(&io, until).await {
            tracing::warn!("some sockets didn't close in time");
        }
        loop_.finish.cancel();
        loop_.serving.close();
        if timeout_at(until, loop_.serving.wait()).await.is_err() {
            tracing::warn!("some requests didn't finish in time");
        }
        loop_.cut_all.cancel();
        loop_.connections.close();
        // What is cut ends at once, and what belongs to it with it.
        _ = timeout(LAST_MOMENT, loop_.connections.wait()).await;
        let connections = loop_.connections.len();
        let of_sockets = app.left_of_sockets(LAST_MOMENT).await;
        drop(loop_);
        let background = background.stop(LAST_MOMENT).await;
        let of_work = app.left_of_work(LAST_MOMENT).await;
        let left = Leftovers { connections, background, database: of_work.database, ..of_sockets };
        if left != Leftovers::default() {
            tracing::warn!("still there: {left}");
        }
        app.close().await?;
        Ok(left)
    }
}

struct AcceptLoop<E> {
    front: Front<E>,
    places: Arc<Semaphore>,
    header_timeout: Duration,
    metrics: Arc<Metrics>,
    /// Everything accepted that hasn't been closed, WebSockets included.
    connections: TaskTracker,
    /// Those that still speak HTTP.
    serving: TaskTracker,
    /// Cancelled: answer what has been asked, then close.
    finish: CancellationToken,
    /// Cancelled: every connection ends, whatever it is doing.
    cut_all: CancellationToken,
}

impl<E: Endpoint<Output = poem::Response> + 'static> AcceptLoop<E> {
    /// Takes connections for ever.
    async fn accept(&self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take(stream, peer),
                Err(error) => {
                    // Out of descriptors, most likely: some must close before another try makes sense.
                    tracing::warn!(%error, "a connection couldn't be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            self.metrics.connections_refused.inc();
            self.connections.spawn(refuse(stream));
            return;
        };
        // Without it a small second frame waits for the acknowledgement of the first.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY couldn't be set");
        }
        let connection = Connection::new(peer, self.cut_all.child_token());
        let open = Open::new(self, place, connection.clone());
        let io = TokioIo::new(Cuttable::new(stream, &connection.cut, Box::new(open)));
        let service = TowerToHyperService::new(self.front.clone().service(connection));
        // HTTP/1 only. A builder that also knows HTTP/2 waits for the first bytes to tell which it is, and
        // that wait has no deadline: whoever connects and says nothing would stay for ever.
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_HEADERS)
            .serve_connection(io, service)
            .with_upgrades();
        let finish = self.finish.clone();
        self.serving.spawn(async move {
            let mut serving = pin!(serving);
            let ended = match finish.run_until_cancelled(serving.as_mut()).await {
                Some(ended) => ended,
                None => {
                    serving.as_mut().graceful_shutdown();
                    serving.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, %peer, "a connection ended early");
            }
        });
    }
}

/// Held by an open connection, whatever it has been upgraded to; gives back its place when dropped.
struct Open {
    connection: Connection,
    transports: Arc<Transports>,
    metrics: Arc<Metrics>,
    _place: OwnedSemaphorePermit,
    _tracked: TaskTrackerToken,
}

impl Open {
    fn new<E>(accept_loop: &AcceptLoop<E>, place: OwnedSemaphorePermit, connection: Connection) -> Self {
        let metrics = accept_loop.metrics.clone();
        metrics.connections.inc();
        let transports = accept_loop.front.connector.transports.clone();
        Self { connection, transports, metrics, _place: place, _tracked: accept_loop.connections.token() }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.metrics.connections.dec();
        self.transports.unbind(&self.connection);
    }
}

/// Told at once, without reading what it asks: reading is what there is no room for.
async fn refuse(mut stream: TcpStream) {
    use tokio::io::AsyncWriteExt;
    const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\n\
        content-type: application/problem+json\r\ncontent-length: 171\r\n\r\n";
    let body = r#"{"type":"/api-docs/problems/E_OVERLOADED","title":"Too busy right now","status":503,"detail":"Too many connections.","instance":"/","code":"E_OVERLOADED","requestId":"none"}"#;
    let told = async {
        stream.write_all(FULL).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.shutdown().await
    };
    if !matches!(timeout(Duration::from_secs(1), told).await, Ok(Ok(()))) {
        tracing::debug!("a connection beyond the limit couldn't be told");
    }
}
