//! The Socket.IO service and its limits.

use std::time::Duration;

use engineioxide::service::NotFoundService;
use socketioxide::{SocketIo, adapter::Emitter, service::SocketIoService};
use socketioxide_redis::{CustomRedisAdapter, RedisAdapterConfig, RedisAdapterCtr};

use super::{Bus, Connector, bus::ADAPTER};

/// The HTTP service that speaks Socket.IO, on its default path.
pub type IoService = SocketIoService<NotFoundService, Adapter>;
/// All sockets, also those of the other nodes.
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
/// Packets that may wait for a client that doesn't read, before it is cut.
const SEND_BUFFER: usize = 1024;

/// For the other nodes to say which sockets they have.
const ASKED_WITHIN: Duration = Duration::from_secs(1);

/// Builds the service; `io` closes it. A connection has `auth_timeout` to authenticate.
pub async fn io_service(connector: Connector, bus: Bus, auth_timeout: Duration) -> (IoService, Io) {
    let adapter = RedisAdapterConfig::new().with_prefix(ADAPTER).with_request_timeout(ASKED_WITHIN);
    let (service, io) = SocketIo::builder()
        .max_payload(MAX_MESSAGE as u64)
        .ws_max_message_size(MUCH_TOO_LARGE)
        .ws_max_frame_size(MUCH_TOO_LARGE)
        .ws_read_buffer_size(READ_BUFFER)
        .max_buffer_size(SEND_BUFFER)
        .connect_timeout(auth_timeout)
        .ping_interval(Duration::from_secs(25))
        .ping_timeout(Duration::from_secs(20))
        .with_adapter::<Adapter>(RedisAdapterCtr::new_with_driver(bus, adapter))
        .build_svc();
    io.ns("/", connector).await.expect("subscribing never fails");
    (service, io)
}
