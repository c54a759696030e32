//! What an emitter writes: MessagePack for events, JSON for what is done to sockets.

use chrono::{DateTime, SecondsFormat, Utc};
use rmpv::Value;
use serde::{Deserialize, Serialize, Serializer, ser::SerializeTuple};

use crate::realtime::parser::least_bytes;

/// MessagePack's number for moments.
const TIMESTAMP: i8 = -1;

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
        data.iter_mut().for_each(spell_dates);
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

/// Makes a `Date` what JSON has for it: clients' parsers know no other.
fn spell_dates(value: &mut Value) {
    match value {
        Value::Ext(TIMESTAMP, bytes) => {
            let date = timestamp(bytes).map(|date| date.to_rfc3339_opts(SecondsFormat::Millis, true));
            *value = date.map_or(Value::Nil, Value::from);
        }
        Value::Array(items) => items.iter_mut().for_each(spell_dates),
        Value::Map(pairs) => pairs.iter_mut().for_each(|(_, value)| spell_dates(value)),
        _ => {}
    }
}

/// MessagePack's three formats: seconds; nanoseconds and seconds in 30 and 34 bits; the same in 32 and 64.
fn timestamp(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = match *bytes {
        [a, b, c, d] => (u32::from_be_bytes([a, b, c, d]).into(), 0),
        [a, b, c, d, e, f, g, h] => {
            let both = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            (i64::try_from(both & 0x3_ffff_ffff).ok()?, u32::try_from(both >> 34).ok()?)
        }
        [a, b, c, d, ref seconds @ ..] => {
            (i64::from_be_bytes(seconds.try_into().ok()?), u32::from_be_bytes([a, b, c, d]))
        }
        _ => return None,
    };
    DateTime::from_timestamp(seconds, nanos)
}

impl Serialize for Arguments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|argument| tuple.serialize_element(argument))?;
        tuple.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_spelled_in_each_of_their_formats() {
        let spelled = |bytes: &[u8]| {
            let mut value =
                Value::Map(vec![("at".into(), Value::Array(vec![Value::Ext(TIMESTAMP, bytes.to_vec())]))]);
            spell_dates(&mut value);
            value["at"][0].as_str().map(str::to_owned)
        };
        let seconds = 1_800_000_000u32;
        assert_eq!(spelled(&seconds.to_be_bytes()).as_deref(), Some("2027-01-15T08:00:00.000Z"));
        let both = (500_000_000u64 << 34) | u64::from(seconds);
        assert_eq!(spelled(&both.to_be_bytes()).as_deref(), Some("2027-01-15T08:00:00.500Z"));
        let long = [&250_000_000u32.to_be_bytes()[..], &(-1i64).to_be_bytes()].concat();
        assert_eq!(spelled(&long).as_deref(), Some("1969-12-31T23:59:59.250Z"));
        assert_eq!(spelled(&[1, 2, 3]), None);
    }
}
