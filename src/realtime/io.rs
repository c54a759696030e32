//! The Socket.IO service and its limits.

use std::time::Duration;

use engineioxide::service::NotFoundService;
use socketioxide::{SocketIo, service::SocketIoService};

use super::Connector;

/// The HTTP service that speaks Socket.IO, on its default path.
pub type IoService = SocketIoService<NotFoundService>;

/// The largest message a client may send, in bytes. One that is larger is refused,
pub const MAX_MESSAGE: usize = 128 * 1024;
/// and one that is much larger ends its connection before it has been read.
const MUCH_TOO_LARGE: usize = 4 * MAX_MESSAGE;
/// Read at once from a socket, which holds a buffer of this size for as long as it lives; longer messages
/// take several reads.
const READ_BUFFER: usize = 1024;
/// Packets that may wait for a client that doesn't read, before it is cut.
const SEND_BUFFER: usize = 1024;

/// Builds the service; `io` closes it. A connection has `auth_timeout` to authenticate.
pub fn io_service(connector: Connector, auth_timeout: Duration) -> (IoService, SocketIo) {
    let (service, io) = SocketIo::builder()
        .max_payload(MAX_MESSAGE as u64)
        .ws_max_message_size(MUCH_TOO_LARGE)
        .ws_max_frame_size(MUCH_TOO_LARGE)
        .ws_read_buffer_size(READ_BUFFER)
        .max_buffer_size(SEND_BUFFER)
        .connect_timeout(auth_timeout)
        .ping_interval(Duration::from_secs(25))
        .ping_timeout(Duration::from_secs(20))
        .build_svc();
    io.ns("/", connector);
    (service, io)
}
