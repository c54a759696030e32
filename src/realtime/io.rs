//! The Socket.IO services, one for each parser, and their limits.

use std::time::Duration;

use engineioxide::{config::EngineIoConfig, service::NotFoundService};
use hyper::{Request, service::Service};
use socketioxide::{
    ParserConfig, SocketIo, SocketIoBuilder, adapter::Emitter, extract::SocketRef, service::SocketIoService,
};
use socketioxide_redis::{CustomRedisAdapter, RedisAdapterConfig, RedisAdapterCtr};

use super::{Bus, Connector, bus::ADAPTER, outbox::MOST, parser::Parser};

type IoService = SocketIoService<NotFoundService, Adapter>;
/// The sockets of one parser, also those of the other nodes.
pub type Io = SocketIo<Adapter>;
/// Keeps rooms, and reaches those of the other nodes.
pub type Adapter = CustomRedisAdapter<Emitter, Bus>;

/// The largest message a client may send, in bytes. One that is larger is refused,
pub const MAX_MESSAGE: usize = 128 * 1024;
/// and one that is much larger ends its connection before it has been read.
const MUCH_TOO_LARGE: usize = 4 * MAX_MESSAGE;
/// Read at once from a socket, which holds a buffer of this size for as long as it lives; longer messages
/// take several reads.
const READ_BUFFER: usize = 1024;
/// Attachments of one packet; no event takes any.
const MAX_ATTACHED: usize = 1024;
/// Packets that may wait for a client that doesn't read, before it is cut: of packets of ordinary size too much waits
/// before, in bytes.
const SEND_BUFFER: usize = MOST / 64;

/// For the other nodes to say which sockets they have.
const ASKED_WITHIN: Duration = Duration::from_secs(1);

/// What clients are told when they connect, and what they have to keep to.
#[derive(Debug, Clone)]
pub struct Terms {
    /// For a connection to authenticate.
    pub auth_within: Duration,
    /// How often a client is asked whether it is there, and how long it has to say so.
    pub ping_interval: Duration,
    pub ping_timeout: Duration,
    /// The largest body of a polling client's request, in bytes.
    pub max_payload: usize,
}

impl Terms {
    pub fn new(auth_within: Duration) -> Self {
        Self {
            auth_within,
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: MAX_MESSAGE,
        }
    }

    /// The same for the transports beneath Socket.IO.
    pub fn of_engine(&self) -> EngineIoConfig {
        EngineIoConfig {
            req_path: "/socket.io".into(),
            ping_interval: self.ping_interval,
            ping_timeout: self.ping_timeout,
            max_payload: self.max_payload as u64,
            max_buffer_size: SEND_BUFFER,
            ws_max_message_size: MUCH_TOO_LARGE,
            ws_max_frame_size: MUCH_TOO_LARGE,
            ws_read_buffer_size: READ_BUFFER,
            ..EngineIoConfig::default()
        }
    }
}

/// All sockets, by how their packets are written.
#[derive(Clone)]
pub struct Ios {
    pub json: Io,
    pub msgpack: Io,
}

impl Ios {
    /// This node's sockets in these rooms; all, when there are none.
    pub fn local(&self, rooms: Vec<String>, except: Vec<String>) -> Vec<SocketRef<Adapter>> {
        let of = |io: &Io| io.to(rooms.clone()).except(except.clone()).local().sockets();
        [of(&self.json), of(&self.msgpack)].concat()
    }

    /// Closes all sockets.
    pub async fn close(&self) {
        tokio::join!(self.json.close(), self.msgpack.close());
    }
}

/// The services that speak Socket.IO, on its default path.
pub struct IoServices {
    json: IoService,
    msgpack: IoService,
}

impl<B> Service<Request<B>> for IoServices
where
    IoService: Service<Request<B>>,
{
    type Response = <IoService as Service<Request<B>>>::Response;
    type Error = <IoService as Service<Request<B>>>::Error;
    type Future = <IoService as Service<Request<B>>>::Future;

    fn call(&self, request: Request<B>) -> Self::Future {
        match Parser::of(request.uri()) {
            Some(Parser::MsgPack) => self.msgpack.call(request),
            _ => self.json.call(request),
        }
    }
}

/// Builds the services; the second closes them.
pub async fn io_services(connector: Connector, bus: Bus, terms: &Terms) -> (IoServices, Ios) {
    let json = ParserConfig::common()
        .max_incoming_binaries(MAX_ATTACHED)
        .max_incoming_binary_buf_size(MUCH_TOO_LARGE);
    let (json, json_io) = builder(terms)
        .with_parser(json)
        .with_adapter::<Adapter>(adapter(ADAPTER.to_owned(), &bus))
        .build_svc();
    let (msgpack, msgpack_io) = builder(terms)
        .with_parser(ParserConfig::msgpack())
        .with_adapter::<Adapter>(adapter(format!("{ADAPTER}-msgpack"), &bus))
        .build_svc();
    for io in [&json_io, &msgpack_io] {
        io.ns("/", connector.clone()).await.expect("subscribing never fails");
    }
    (IoServices { json, msgpack }, Ios { json: json_io, msgpack: msgpack_io })
}

fn builder(terms: &Terms) -> SocketIoBuilder {
    let engine = terms.of_engine();
    SocketIo::builder()
        .max_payload(engine.max_payload)
        .ws_max_message_size(engine.ws_max_message_size)
        .ws_max_frame_size(engine.ws_max_frame_size)
        .ws_read_buffer_size(engine.ws_read_buffer_size)
        .max_buffer_size(engine.max_buffer_size)
        .ping_interval(engine.ping_interval)
        .ping_timeout(engine.ping_timeout)
        .connect_timeout(terms.auth_within)
}

/// Each parser has an adapter of its own: what one writes the other can't read.
fn adapter(name: String, bus: &Bus) -> RedisAdapterCtr<Bus> {
    let config = RedisAdapterConfig::new().with_prefix(name).with_request_timeout(ASKED_WITHIN);
    RedisAdapterCtr::new_with_driver(bus.clone(), config)
}
