//! The accept loop: `/socket.io` to Socket.IO, the rest to poem; limits, cutting and drain in one place.

mod answer;
mod body;
mod connection;
mod counted;
mod docs;
mod front;
mod headers;
mod http2;
mod methods;
mod origin;
mod reading;
mod routes;
mod serving;
mod tls;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use poem::{Endpoint, http::uri::Scheme};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use self::{
    connection::Cuttable,
    front::Front,
    origin::Origins,
    serving::Serving,
    tls::{Tls, Watch},
};
use crate::{
    app::{App, Leftovers},
    infra::metrics::Metrics,
    realtime::{Connection, Emitter, IoServices, Ios, Terms, Transports, io_services},
};

pub use front::SocketService;
pub use routes::{asyncapi_text, document, document_text};
pub use tls::TlsError;

/// For what has been told to end.
const LAST_MOMENT: Duration = Duration::from_secs(5);

/// A bound server that hasn't started yet.
pub struct Server<S = IoServices> {
    app: App,
    listener: TcpListener,
    tls: Option<(Tls, Watch)>,
    io_services: S,
    io: Ios,
}

/// Why the server can't begin.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error("can't listen on {0}: {1}; set PORT or HOST to choose another")]
    Listen(SocketAddr, io::Error),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Server {
    pub async fn bind(app: App) -> Result<Self, BindError> {
        let tls = match app.config.server.tls.clone() {
            Some(files) => Some(Tls::open(files, app.connector.clock.clone()).await?),
            None => None,
        };
        let address = SocketAddr::new(app.config.server.host, app.config.server.port);
        let listener = TcpListener::bind(address).await.map_err(|error| BindError::Listen(address, error))?;
        let (io_services, io) = io_services(app.connector.clone(), app.bus.clone(), &app.terms).await;
        Ok(Self { app, listener, tls, io_services, io })
    }

    /// With something else in the place of Socket.IO, on its path.
    pub fn speaking<S: SocketService>(self, io_services: S) -> Server<S> {
        let Self { app, listener, tls, io, .. } = self;
        Server { app, listener, tls, io_services, io }
    }
}

impl<S: SocketService> Server<S> {
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What clients are told when they connect.
    pub fn terms(&self) -> &Terms {
        &self.app.terms
    }

    /// All sockets, also those of the other nodes.
    pub fn io(&self) -> &Ios {
        &self.io
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::HTTPS } else { Scheme::HTTP }
    }

    /// Serves until the token is cancelled, then drains and returns. Says what it couldn't end.
    pub async fn run(self, stop: CancellationToken) -> Result<Leftovers, sea_orm::DbErr> {
        let scheme = self.scheme();
        let Self { app, listener, tls, io_services, io } = self;
        let (tls, watch) = tls.unzip();
        let background = app.start();
        if let Some(watch) = watch {
            background.run(watch.run());
        }
        if app.bus.hears_emitters() {
            let (bus, io, sockets) = (app.bus.clone(), io.clone(), app.sockets.clone());
            background.run(Emitter { bus, io, sockets }.run());
        }
        let front = Front {
            poem: routes::endpoint(&app),
            io: io_services,
            origins: Origins::new(&app.config.cors.origins),
            connector: app.connector.clone(),
            lifecycle: app.lifecycle.clone(),
            proxies: app.config.server.trusted_proxies.clone(),
            body_timeout: app.config.server.body_timeout,
            scheme,
        };
        let serving = Serving {
            front: Arc::new(front),
            tls,
            header_timeout: app.config.server.header_timeout,
            finish: CancellationToken::new(),
        };
        let loop_ = AcceptLoop {
            serving: Arc::new(serving),
            places: Arc::new(Semaphore::new(app.config.server.max_connections)),
            metrics: app.metrics.clone(),
            connections: TaskTracker::new(),
            speaking: TaskTracker::new(),
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
        let until = Instant::now() + app.config.server.drain_timeout;
        // Whoever polls may do so on one connection after another until it has been sent away.
        tokio::select! {
            () = loop_.accept(&listener) => {}
            _ = async { tokio::join!(app.sockets.drain(until), app.works.drain(until)) } => {}
        }
        drop(listener);
        // Sends what still waits and then closes: official clients reconnect, to another node.
        if !app.connector.close(&io, until).await {
            tracing::warn!("some sockets didn't close in time");
        }
        loop_.serving.finish.cancel();
        loop_.speaking.close();
        if timeout_at(until, loop_.speaking.wait()).await.is_err() {
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
        let database = app.held_by_work(LAST_MOMENT).await;
        let left = Leftovers { connections, background, database, ..of_sockets };
        if left != Leftovers::default() {
            tracing::warn!("still there: {left}");
        }
        app.close().await?;
        Ok(left)
    }
}

struct AcceptLoop<E, S> {
    serving: Arc<Serving<E, S>>,
    places: Arc<Semaphore>,
    metrics: Arc<Metrics>,
    /// Everything accepted that hasn't been closed, WebSockets included.
    connections: TaskTracker,
    /// Those that still speak HTTP.
    speaking: TaskTracker,
    /// Cancelled: every connection ends, whatever it is doing.
    cut_all: CancellationToken,
}

impl<E: Endpoint<Output = poem::Response> + 'static, S: SocketService> AcceptLoop<E, S> {
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
            match self.serving.tls {
                None => _ = self.connections.spawn(refuse(stream)),
                Some(_) => drop(stream),
            }
            return;
        };
        // Without it a small second frame waits for the acknowledgement of the first.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY couldn't be set");
        }
        let connection = Connection::new(peer, self.cut_all.child_token());
        let open = Open::new(self, place, connection.clone());
        let stream = Cuttable::new(stream, &connection.cut, Box::new(open));
        let serving = self.serving.clone();
        self.speaking.spawn(async move { serving.serve(stream, connection).await });
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
    fn new<E, S>(
        accept_loop: &AcceptLoop<E, S>,
        place: OwnedSemaphorePermit,
        connection: Connection,
    ) -> Self {
        let metrics = accept_loop.metrics.clone();
        metrics.connections.inc();
        let transports = accept_loop.serving.front.connector.transports.clone();
        Self { connection, transports, metrics, _place: place, _tracked: accept_loop.connections.token() }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.metrics.connections.dec();
        // Says to whoever still knows it that it is over.
        self.connection.cut.cancel();
        self.transports.unbind(&self.connection);
    }
}

/// Told at once, without reading what it asks: reading is what there is no room for. Over TLS it can't be told.
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
