//! Emitting for other programs: what they say with the official `@socket.io/redis-emitter` reaches our sockets.
//!
//! Each node hears all of it and serves its own sockets. Whoever can write to Redis can say anything to anybody, so it
//! is off unless `SOCKET_IO_EMITTER` is set. Nothing of it is kept: what must not be lost is an event in a stream.

mod said;

use std::sync::Arc;

use tokio::sync::broadcast::error::RecvError;

use self::said::{Act, Said};
use super::{Bus, Client, Ios, Sockets, client::PushError};

/// One node's part.
pub struct Emitter {
    pub bus: Bus,
    pub io: Ios,
    pub sockets: Arc<Sockets>,
}

impl Emitter {
    /// Never ends by itself.
    pub async fn run(self) {
        let mut heard = self.bus.emitted();
        loop {
            match heard.recv().await {
                Ok(bytes) => match Said::read(&bytes) {
                    Ok(Some(said)) => self.act(said),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "what an emitter says can't be read"),
                },
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "emitters say more than can be followed")
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    fn act(&self, Said { act, rooms, except }: Said) {
        for socket in self.io.local(rooms, except) {
            match &act {
                Act::Emit { name, arguments, bytes } => {
                    let Some(client) = self.sockets.get(socket.id) else { continue };
                    self.emit(&client, name, arguments, *bytes);
                }
                Act::Join(rooms) => socket.join(rooms.clone()),
                Act::Leave(rooms) => socket.leave(rooms.clone()),
                Act::Disconnect => {
                    if let Err(error) = socket.disconnect() {
                        tracing::debug!(%error, "a socket couldn't be disconnected");
                    }
                }
            }
        }
    }

    /// A client that doesn't read what it is sent is cut, as everywhere.
    fn emit(&self, client: &Client, name: &str, arguments: &said::Arguments, bytes: usize) {
        if client.send(name, arguments, bytes) == Err(PushError::Lagging) {
            client.cut_lagging();
        }
    }
}
