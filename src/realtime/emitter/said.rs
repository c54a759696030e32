//! What an emitter writes: MessagePack for events, JSON for what is done to sockets.

use rmpv::Value;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeTuple};

use crate::realtime::parser::least_bytes;

/// Something that is to happen to these sockets: all of them, when no room is named.
pub struct Said {
    pub act: Act,
    pub rooms: Vec<String>,
    pub except: Vec<String>,
}

pub enum Act {
    Emit { name: String, arguments: Arguments, bytes: usize },
    Join(Vec<String>),
    Leave(Vec<String>),
    Disconnect,
}

/// As many as the event has, whatever they are; bytes stay bytes.
pub struct Arguments(Vec<Value>);

#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Packed(#[from] rmp_serde::decode::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("an event has a name")]
    Nameless,
}

#[derive(Deserialize)]
struct Packet {
    data: Vec<Value>,
}

#[derive(Default, Deserialize)]
struct Options {
    #[serde(default)]
    rooms: Vec<String>,
    #[serde(default)]
    except: Vec<String>,
}

#[derive(Deserialize)]
struct Request {
    r#type: u8,
    #[serde(default)]
    opts: Options,
    #[serde(default)]
    rooms: Vec<String>,
}

impl Said {
    /// Nothing, when it isn't about sockets.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, Unreadable> {
        // An object in JSON; in MessagePack a byte like that would be a number.
        if bytes.first() == Some(&b'{') {
            return Ok(Self::request(serde_json::from_slice(bytes)?));
        }
        let (_emitter, Packet { mut data }, Options { rooms, except }): (Value, Packet, Options) =
            rmp_serde::from_slice(bytes)?;
        let Some(Value::String(name)) = (!data.is_empty()).then(|| data.remove(0)) else {
            return Err(Unreadable::Nameless);
        };
        let name = name.into_str().ok_or(Unreadable::Nameless)?;
        // What it takes to say so to an emitter's channel is more than what it takes to say it to a socket.
        let bytes = name.len() + data.iter().map(least_bytes).sum::<usize>();
        let act = Act::Emit { name, arguments: Arguments(data), bytes };
        Ok(Some(Self { act, rooms, except }))
    }

    fn request(Request { r#type, opts: Options { rooms, except }, rooms: these }: Request) -> Option<Self> {
        let act = match r#type {
            2 => Act::Join(these),
            3 => Act::Leave(these),
            4 => Act::Disconnect,
            // Asked of servers, not of sockets.
            _ => return None,
        };
        Some(Self { act, rooms, except })
    }
}

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|argument| tuple.serialize_element(argument))?;
        tuple.end()
    }
}
