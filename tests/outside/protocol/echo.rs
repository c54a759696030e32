//! What the suites talk to.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use engineioxide::{DisconnectReason, Socket, Str, handler::EngineIoHandler};
use rmpv::Value;
use rookery::realtime::Adapter;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{SeqAccess, Visitor},
    ser::SerializeTuple,
};
use socketioxide::extract::{AckSender, Data, SocketRef};

/// Says again what it is told.
#[derive(Debug)]
pub struct Engine;

impl EngineIoHandler for Engine {
    type Data = ();

    fn on_connect(self: Arc<Self>, _: Arc<Socket<()>>) {}

    fn on_disconnect(&self, _: Arc<Socket<()>>, _: DisconnectReason) {}

    fn on_message(self: &Arc<Self>, message: Str, socket: Arc<Socket<()>>) {
        socket.emit(message).expect("little waits");
    }

    fn on_binary(self: &Arc<Self>, bytes: Bytes, socket: Arc<Socket<()>>) {
        socket.emit_binary(bytes).expect("little waits");
    }
}

/// Shows whom it has met, and says again what it is told.
pub async fn connected(socket: SocketRef<Adapter>, Data(auth): Data<serde_json::Value>) {
    socket.emit("auth", &auth).expect("little waits");
    socket.on("message", async |socket: SocketRef<Adapter>, Data::<All>(all)| {
        socket.emit("message-back", &all).expect("little waits");
    });
    socket.on("message-with-ack", async |Data::<All>(all), ack: AckSender<Adapter>| {
        ack.send(&all).expect("little waits");
    });
}

/// All that is said with an event, bytes among it.
struct All(Vec<Value>);

impl<'de> Deserialize<'de> for All {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A tuple: of anything else only the first would be given.
        deserializer.deserialize_tuple(usize::MAX, Each)
    }
}

struct Each;

impl<'de> Visitor<'de> for Each {
    type Value = All;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("all that is said")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<All, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(All(all))
    }
}

impl Serialize for All {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|item| tuple.serialize_element(item))?;
        tuple.end()
    }
}
